import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import type { Logger } from '../log.ts';
import type { Signals } from './contract.ts';
import type { SystemPool } from './system-pool.ts';

export interface OpenSignals extends Signals {
  /** Tells the other nodes soon, at most every {@link pokeGapMs}. For hot topics; the caller wakes its own node itself. Never throws. */
  poke(topic: string): void;
  close(): Promise<void>;
}

export interface SignalsOptions {
  servingUrl: string;
  pool: SystemPool;
  log: Pick<Logger, 'warn' | 'info'>;
  /** how often generations are reread, default 1,000 */
  rereadMs?: number;
}

const channel = 'proofpix_signals';
export const pokeGapMs = 20;
const queryTimeoutMs = 5_000;
const backoffMs = { first: 100, most: 5_000 };

const raiseSql = (p: (position: number) => string): string =>
  `insert into kernel.signals as s (topic, generation) values (${p(1)}, 1)
   on conflict (topic) do update set generation = s.generation + 1
   returning pg_notify('${channel}', s.generation || ' ' || ${p(2)} || ' ' || s.topic)`;
const raiseOnPool = raiseSql((position) => `$${position}::text`);
const raiseOnEm = raiseSql(() => 'cast(? as text)');

/**
 * One LISTEN connection per node. A notification only makes it quick: what counts are the generations, reread every
 * second and after each reconnect, so that a lost notification costs a second at the most.
 */
export async function openSignals(options: SignalsOptions): Promise<OpenSignals> {
  const nodeId = randomUUID();
  const listeners = new Map<string, Set<() => void>>();
  const seen = new Map<string, bigint>();
  const stop = new AbortController();
  let client: Client | undefined;
  /** Aborted when the connection ends. */
  let lost = new AbortController();

  const fire = (topic: string): void => {
    for (const listener of listeners.get(topic) ?? []) {
      try {
        listener();
      } catch (error) {
        options.log.warn({ err: error, topic }, 'a signal listener threw');
      }
    }
  };
  const learn = (topic: string, generation: bigint, quiet: boolean): void => {
    if ((seen.get(topic) ?? 0n) >= generation) return;
    seen.set(topic, generation);
    if (!quiet) fire(topic);
  };
  const hear = (payload: string): void => {
    const [generation = '', from = '', ...topic] = payload.split(' ');
    // what this node poked, it did itself
    if (/^\d+$/.test(generation)) learn(topic.join(' '), BigInt(generation), from === nodeId);
  };
  const reread = async (connection: Client, quiet: boolean): Promise<void> => {
    const { rows } = await connection.query<{ topic: string; generation: string }>({ name: 'generations', text: 'select topic, generation from kernel.signals' });
    for (const row of rows) learn(row.topic, BigInt(row.generation), quiet);
  };
  const connect = async (first: boolean): Promise<Client> => {
    const connection = new Client({ connectionString: options.servingUrl, connectionTimeoutMillis: queryTimeoutMs, query_timeout: queryTimeoutMs, keepAlive: true, application_name: 'proofpix-signals' });
    const end = new AbortController();
    connection.on('error', () => end.abort());
    connection.on('end', () => end.abort());
    connection.on('notification', (message) => hear(message.payload ?? ''));
    try {
      await connection.connect();
      await connection.query(`listen ${channel}`);
      await reread(connection, first);
    } catch (error) {
      await connection.end().catch(() => undefined);
      throw error;
    }
    lost = end;
    return connection;
  };
  const watch = async (): Promise<void> => {
    let wait = backoffMs.first;
    while (!stop.signal.aborted) {
      try {
        client ??= await connect(false);
        wait = backoffMs.first;
        await delay(options.rereadMs ?? 1_000, undefined, { signal: AbortSignal.any([stop.signal, lost.signal]) });
        await reread(client, false);
      } catch (error) {
        if (stop.signal.aborted) break;
        options.log.warn({ err: error }, 'the signal connection was lost');
        const old = client;
        client = undefined;
        void old?.end().catch(() => undefined);
        await delay(wait * (0.5 + Math.random()), undefined, { signal: stop.signal }).catch(() => undefined);
        wait = Math.min(wait * 2, backoffMs.most);
      }
    }
  };

  const due = new Set<string>();
  let poking: Promise<void> | undefined;
  const pokeAll = async (): Promise<void> => {
    while (due.size > 0 && !stop.signal.aborted) {
      const topics = [...due];
      due.clear();
      // a poke that fails is lost: the others poll
      for (const topic of topics) await options.pool.query(raiseOnPool, [topic, nodeId]).catch((error: unknown) => options.log.warn({ err: error, topic }, 'a signal was not raised'));
      await delay(pokeGapMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    poking = undefined;
  };

  client = await connect(true);
  const watching = watch();
  return {
    async raise(topic, em?: EntityManager) {
      if (em) await em.execute(raiseOnEm, [topic, '-']);
      else await options.pool.query(raiseOnPool, [topic, '-']);
    },
    poke(topic) {
      due.add(topic);
      poking ??= pokeAll();
    },
    on(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => void set.delete(listener);
    },
    async close() {
      stop.abort();
      await Promise.allSettled([watching, poking]);
      await client?.end().catch(() => undefined);
    },
  };
}
