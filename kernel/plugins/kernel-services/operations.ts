import { engineVersion, Forbidden, kernelOperations } from '@proofpix/sdk';
import type { Sandbox } from '../../sandbox/index.ts';
import type { PluginCall } from '../call.ts';
import type { Invoker } from '../invoker.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { KernelService } from '../services.ts';
import type { Versions } from '../versions.ts';

export interface OperationsServiceDeps {
  versions: Versions;
  lifecycle: Lifecycle;
  invoker: Invoker;
  sandbox: Sandbox;
  setMaintenance(state: { on: boolean; message: string | null; until: string | null }): Promise<void>;
}

/** `kernel.operations`: how this node does, and switches of the deployment. Operators only, whatever the plugin may do. */
export function operationsService({ versions, lifecycle, invoker, sandbox, setMaintenance }: OperationsServiceDeps): KernelService {
  function demandOperator(call: PluginCall): void {
    if (!call.principal.operator) throw Forbidden({ message: 'Only an operator may do this.' });
  }

  const methods = {
    async status(call: PluginCall) {
      demandOperator(call);
      const { children, isolates, kills, quarantined } = sandbox.stats();
      return {
        engine: engineVersion,
        uptimeSeconds: Math.round(process.uptime()),
        memoryBytes: process.memoryUsage.rss(),
        runningCalls: invoker.running(),
        plugins: versions.all().map(({ manifest, trust, runtime }) => ({ id: manifest.id, version: manifest.version, trust, runtime, state: lifecycle.status(manifest.id, manifest.version).state })),
        sandbox: { children: children.length, isolates, kills, quarantined: quarantined.length },
      };
    },
    async setMaintenance(call: PluginCall, { on, message = null, until = null }: { on: boolean; message?: string | null; until?: string | null }) {
      demandOperator(call);
      await setMaintenance({ on, message, until });
      return null;
    },
  };
  return { ref: kernelOperations, capability: 'kernel:operations', methods: methods as unknown as KernelService['methods'] };
}
