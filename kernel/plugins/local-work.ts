import { randomUUID } from 'node:crypto';
import { Unavailable, type Json, type JsonObject } from '@proofpix/sdk';
import { platformCode } from '@proofpix/sdk/runtime';
import type { Logger } from '../log.ts';
import type { PluginCall } from './call.ts';
import type { Invoker } from './invoker.ts';
import type { TenantPlugins } from './tenant-plugins.ts';

/** Puts a job of the calling plugin into this node's memory, to run soon unless `signal` is aborted before. @throws UNAVAILABLE when too many wait */
export type RunLocally = (call: PluginCall, job: string, data: JsonObject, signal: AbortSignal) => void;

export interface LocalWorkDeps {
  tenantPlugins: TenantPlugins;
  invoker(): Invoker;
  log: Pick<Logger, 'warn'>;
}

/** Two cores are kept busy by two documents; more at once only wait for each other. */
const atOnce = 3;
const maxWaitingPerTenant = 500;
const maxWaiting = 5_000;

type Task = () => Promise<void>;

/**
 * Work that belongs to this process: it needs a key that only this process has, so a durable job would be of no use, and
 * its data must not be written down. Tenants take turns.
 */
export function localWork({ tenantPlugins, invoker, log }: LocalWorkDeps): RunLocally {
  /** By tenant; the map's order is the order of turns. */
  const waiting = new Map<string, Task[]>();
  let waitingCount = 0;
  let running = 0;

  function next(): void {
    for (const [tenantId, tasks] of waiting) {
      if (running >= atOnce) return;
      waiting.delete(tenantId);
      const task = tasks.shift();
      if (tasks.length > 0) waiting.set(tenantId, tasks);
      if (task === undefined) continue;
      waitingCount -= 1;
      running += 1;
      void task().finally(() => {
        running -= 1;
        next();
      });
    }
  }

  async function run(call: PluginCall, job: string, data: JsonObject, signal: AbortSignal): Promise<void> {
    const { id } = call.version.manifest;
    if (signal.aborted) return;
    const plugin = tenantPlugins.get(call.tenantId, id);
    const declared = plugin?.version.manifest.jobs[job];
    if (plugin === null || declared === undefined) return;
    try {
      await invoker().invoke({
        plugin,
        tenantId: call.tenantId,
        handler: `job:${job}`,
        input: { id: randomUUID(), data, attempt: 1 } as unknown as Json,
        principal: call.principal,
        identity: call.identity,
        provenance: call.provenance,
        timeoutMs: declared.timeoutMs,
        signal,
        idempotent: false,
      });
    } catch (error) {
      log.warn({ plugin: id, job, code: platformCode(error), traceId: call.provenance.traceId }, 'work on scratch did not go well');
    }
  }

  return (call, job, data, signal) => {
    const key = call.tenantId ?? '';
    const mine = waiting.get(key) ?? [];
    if (mine.length >= maxWaitingPerTenant || waitingCount >= maxWaiting) throw Unavailable({ message: 'Too much ephemeral work is waiting.', retryAfterSeconds: 10 });
    mine.push(() => run(call, job, data, signal));
    waiting.set(key, mine);
    waitingCount += 1;
    next();
  };
}
