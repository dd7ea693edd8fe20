import { NotFound, PluginError, type Json, type JsonObject } from '@proofpix/sdk';
import { platformCode } from '@proofpix/sdk/runtime';
import { runHooks, type HookDeclaration } from '../events/index.ts';
import type { Logger } from '../log.ts';
import type { PluginCall } from './call.ts';
import { grantsOf } from './capabilities.ts';
import type { Invoker } from './invoker.ts';
import { schemaProblem } from './schema-check.ts';
import type { EnabledPlugin, TenantPlugins } from './tenant-plugins.ts';

export interface HookRunnerDeps {
  tenantPlugins: TenantPlugins;
  invoker(): Invoker;
  log: Logger;
}

interface BoundHook extends HookDeclaration {
  plugin: EnabledPlugin;
}

/** Runs the hooks that a tenant's plugins have on a point of the calling plugin. */
export function hookRunner({ tenantPlugins, invoker, log }: HookRunnerDeps) {
  function hooksOn(call: PluginCall, point: string): BoundHook[] {
    if (call.tenantId === null) return [];
    return tenantPlugins.of(call.tenantId).flatMap((plugin) => {
      const { manifest } = plugin.version;
      const own = manifest.id === call.version.manifest.id;
      return manifest.hooks
        .filter((hook) => hook.point === point && (own || grantsOf(plugin.grants, null).mayHook(point)))
        .map(({ order, timeoutMs, onFailure }) => ({ pluginId: manifest.id, order, timeoutMs, onFailure, plugin }));
    });
  }

  /** @throws what a hook refused with: its own code, kind `conflict`, `details.pluginId`. */
  return async function run(call: PluginCall, point: string, payload: JsonObject): Promise<Json> {
    const schema = call.version.manifest.hookPoints[point]?.schema;
    if (schema === undefined) throw NotFound({ message: `There is no hook point ${point}.` });
    const { payload: patched, refusal, outcomes } = await runHooks({
      hooks: hooksOn(call, point),
      payload,
      invoke: async (hook, current, signal) =>
        (await invoker().invoke({
          plugin: hook.plugin,
          tenantId: call.tenantId,
          handler: `hook:${point}`,
          input: current,
          principal: call.principal,
          identity: call.identity,
          provenance: { ...call.provenance, bounds: null },
          timeoutMs: hook.timeoutMs,
          signal,
          requestId: call.requestId,
          idempotent: true,
        })) as never,
      validate(next) {
        const problem = schemaProblem(schema, next, 'patch');
        return problem === null ? null : `${problem.field} ${problem.issue}`;
      },
    });
    const told = (error: { code: string; message: string } | null) => (call.provenance.confined === true ? platformCode(error) : error);
    for (const outcome of outcomes) if (outcome.error !== null) log.warn({ point, ...outcome, error: told(outcome.error), traceId: call.provenance.traceId }, 'a hook did not go well');
    if (refusal !== null) throw new PluginError({ code: refusal.code, kind: 'conflict', message: refusal.message, details: { pluginId: refusal.pluginId } });
    return patched;
  };
}
