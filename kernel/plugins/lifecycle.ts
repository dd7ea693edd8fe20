import { toWireError } from '@proofpix/sdk';
import type { Cell } from '../http/contract.ts';
import type { Logger } from '../log.ts';
import type { PluginVersion } from './installed-plugin.ts';

/**
 * The life of a plugin version on this node:
 *
 * 1. `validating` the manifest is checked, without running code;
 * 2. `migrating`  its schema is brought to where it runs, under a lock;
 * 3. `loading`    its code is given to its runtime;
 * 4. `starting`   its cell is built;
 * 5. `ready`      it is called;
 * 6. `draining`   it is no longer handed requests, those in flight end;
 * 7. `stopped`.
 *
 * A step that fails makes it `failed`; what the earlier steps took is given back, and nobody else
 * notices.
 */
export type LifecycleState = 'validating' | 'migrating' | 'loading' | 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';

export interface LifecycleStatus {
  state: LifecycleState;
  /** Why it failed: code and message, without anything private. */
  problem: { code: string; message: string; step: LifecycleState } | null;
  /** How long it took from the first step to ready. */
  startedInMs: number | null;
}

export interface LifecycleSteps {
  validate(version: PluginVersion): void;
  migrate(version: PluginVersion): Promise<void>;
  load(version: PluginVersion): Promise<void>;
  unload(version: PluginVersion): Promise<void>;
  build(version: PluginVersion): Promise<Cell>;
}

export interface Lifecycle {
  /** Idempotent, concurrent calls share one start. False when it failed; a later call tries again. */
  start(version: PluginVersion): Promise<boolean>;
  /** Ends a version after its requests; `drainMs` at the most. */
  stop(version: PluginVersion, drainMs: number): Promise<void>;
  status(pluginId: string, version: string): LifecycleStatus;
  cell(pluginId: string, version: string): Cell | null;
}

const keyOf = (pluginId: string, version: string): string => `${pluginId}@${version}`;

export function openLifecycle(steps: LifecycleSteps, log: Logger): Lifecycle {
  const statuses = new Map<string, LifecycleStatus>();
  const starts = new Map<string, Promise<boolean>>();
  const cells = new Map<string, Cell>();

  async function run(version: PluginVersion, key: string): Promise<boolean> {
    const started = performance.now();
    const status: LifecycleStatus = { state: 'validating', problem: null, startedInMs: null };
    statuses.set(key, status);
    try {
      steps.validate(version);
      status.state = 'migrating';
      await steps.migrate(version);
      status.state = 'loading';
      await steps.load(version);
      status.state = 'starting';
      cells.set(key, await steps.build(version));
      status.state = 'ready';
      status.startedInMs = performance.now() - started;
      return true;
    } catch (error) {
      const { code, message } = toWireError(error);
      status.problem = { code, message, step: status.state };
      const loaded = status.state === 'starting';
      status.state = 'failed';
      log.error({ err: error, plugin: version.manifest.id, version: version.manifest.version, step: status.problem.step }, 'a plugin version did not start; it is off, everything else goes on');
      if (loaded) await steps.unload(version).catch((failure: unknown) => log.warn({ err: failure }, 'a failed plugin version could not be unloaded'));
      return false;
    }
  }

  return {
    start(version) {
      const key = keyOf(version.manifest.id, version.manifest.version);
      const state = statuses.get(key)?.state;
      if (state === 'ready') return Promise.resolve(true);
      const running = starts.get(key);
      if (running !== undefined) return running;
      const start = run(version, key).finally(() => starts.delete(key));
      starts.set(key, start);
      return start;
    },
    async stop(version, drainMs) {
      const key = keyOf(version.manifest.id, version.manifest.version);
      const status = statuses.get(key);
      if (status === undefined || status.state !== 'ready') return;
      status.state = 'draining';
      await cells.get(key)?.drain(drainMs);
      // A tenant may have come back to the version while it drained: then it has started anew.
      if (statuses.get(key) !== status) return;
      cells.delete(key);
      await steps.unload(version);
      status.state = 'stopped';
    },
    status: (pluginId, version) => statuses.get(keyOf(pluginId, version)) ?? { state: 'stopped', problem: null, startedInMs: null },
    cell: (pluginId, version) => cells.get(keyOf(pluginId, version)) ?? null,
  };
}
