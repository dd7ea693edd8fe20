import { coalesce } from '../events/coalesce.ts';
import type { Signals } from '../events/contract.ts';
import { deploymentTenantId } from '../events/entities.ts';
import type { SystemPool } from '../events/system-pool.ts';
import type { Logger } from '../log.ts';
import { createRealtimeLog, defaultRetentionMs, deploymentAddress, type LoggedMessage, type RealtimeLog } from './log.ts';

/** Gets the messages of the addresses it joined, in order. Must not throw and must not wait. */
export interface Sink {
  deliver(message: LoggedMessage): void;
}

/** Hands the log's messages to this node's sockets. */
export interface FanOut {
  readonly log: RealtimeLog;
  readonly retentionMs: number;
  /** Messages up to this one were handed out; a sink that joins now gets every later one. */
  position(): bigint;
  /** Call it before the first `join` of a socket, and `exit` when it is gone: without sockets the log is not read. */
  enter(): Promise<void>;
  exit(): void;
  /** @param tenantId null for the deployment */
  join(tenantId: string | null, address: string, sink: Sink): void;
  leave(tenantId: string | null, address: string, sink: Sink): void;
  /** Looks for messages now; never throws. */
  wake(): void;
  close(): Promise<void>;
}

export interface FanOutOptions {
  pool: SystemPool;
  signals: Signals;
  /** raised when messages were logged */
  topic: string;
  log: Pick<Logger, 'error'>;
  retentionMs?: number;
}

const page = 1_000;
const pruneEveryMs = 60_000;
const pollMs = 1_000;

const keyOf = (tenantId: string | null, address: string): string => `${address === deploymentAddress ? deploymentTenantId : tenantId}|${address}`;

export async function openFanOut(options: FanOutOptions): Promise<FanOut> {
  const log = createRealtimeLog(options.pool);
  const retentionMs = options.retentionMs ?? defaultRetentionMs;
  const sinks = new Map<string, Set<Sink>>();
  let position = 0n;
  let users = 0;
  let entering: Promise<void> | undefined;

  const pump = coalesce(
    async () => {
      for (let more = true; more; ) {
        if (users === 0) return;
        await entering;
        const messages = await log.after(position, page);
        for (const message of messages) {
          // the first socket came while this was read: it starts further on
          if (message.seq <= position) continue;
          for (const sink of sinks.get(keyOf(message.tenantId, message.address)) ?? []) sink.deliver(message);
          position = message.seq;
        }
        more = messages.length === page;
      }
    },
    (error) => options.log.error({ err: error }, 'the realtime log was not read'),
  );
  const prune = coalesce(() => log.prune(retentionMs), (error) => options.log.error({ err: error }, 'the realtime log was not pruned'));
  const off = options.signals.on(options.topic, () => pump.ask());
  const timers = [setInterval(() => users > 0 && pump.ask(), pollMs), setInterval(() => prune.ask(), pruneEveryMs)];

  return {
    log,
    retentionMs,
    position: () => position,
    async enter() {
      users += 1;
      if (users === 1) {
        const start = async (): Promise<void> => {
          const end = await log.end();
          if (end > position) position = end;
        };
        entering = start();
      }
      try {
        await entering;
      } catch (error) {
        users -= 1;
        throw error;
      }
    },
    exit() {
      users -= 1;
    },
    join(tenantId, address, sink) {
      const key = keyOf(tenantId, address);
      sinks.set(key, (sinks.get(key) ?? new Set()).add(sink));
    },
    leave(tenantId, address, sink) {
      const key = keyOf(tenantId, address);
      const set = sinks.get(key);
      set?.delete(sink);
      if (set?.size === 0) sinks.delete(key);
    },
    wake: () => pump.ask(),
    async close() {
      off();
      for (const timer of timers) clearInterval(timer);
      pump.close();
      prune.close();
      await Promise.all([pump.idle(), prune.idle()]);
    },
  };
}
