import { Conflict, DeadlineExceeded, NotFound, ValidationError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { Manifest } from '../../manifest.ts';
import { type MemoryCollection, memoryCollection, type Rows } from './memory-collection.ts';

const writes = new Set(['insert', 'insertMany', 'update', 'upsert', 'delete']);
/** How long a write of another call waits for a transaction to end. Real time: the fake clock stands still. */
const lockTimeoutMs = 5_000;

type Tables = Map<string, Rows>;

/** A transaction: it sees its own writes, others see them after its commit. */
export interface MemoryTransaction {
  run(collection: string, operation: string, args: readonly Json[]): Json;
  /** Runs when the transaction commits, in order. */
  onCommit(effect: () => void): void;
  commit(): void;
  rollback(): void;
}

/** The collections of one plugin, of every tenant. Writing transactions of a tenant run one after the other. */
export interface MemoryStore {
  run(tenantId: string, callId: string, collection: string, operation: string, args: readonly Json[]): Promise<Json>;
  begin(tenantId: string, callId: string): Promise<MemoryTransaction>;
}

interface Lock {
  callId: string;
  released: Promise<void>;
}

export function memoryStore(manifest: Manifest, make: { now(): string; id(): string }): MemoryStore {
  const collections = new Map<string, MemoryCollection>(Object.entries(manifest.collections).map(([name, one]) => [name, memoryCollection(name, one, make)]));
  const committed = new Map<string, Tables>();
  const locks = new Map<string, Lock>();

  function tablesOf(tenantId: string): Tables {
    let tables = committed.get(tenantId);
    if (tables === undefined) {
      tables = new Map([...collections.keys()].map((name) => [name, new Map()]));
      committed.set(tenantId, tables);
    }
    return tables;
  }

  function runOn(tables: Tables, name: string, operation: string, args: readonly Json[]): Json {
    const found = collections.get(name);
    if (found === undefined) throw ValidationError({ message: `${name}: is not a collection of this plugin`, details: { field: 'collection', issue: `${name} is not a collection of this plugin` } });
    return found.run(tables.get(name) as Rows, operation, args);
  }

  async function released(lock: Lock, callId: string, deadline: number): Promise<void> {
    if (lock.callId === callId) throw Conflict({ message: 'A transaction of this call is open: write through it, or what is written here would wait for it and stay when it rolls back.' });
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(DeadlineExceeded({ message: 'Another call held its transaction open for too long.' })), deadline - performance.now());
    });
    await Promise.race([lock.released, expired]).finally(() => clearTimeout(timer));
  }

  /** Runs `act` in the same tick in which the tenant is found unlocked, so that nobody comes between. */
  async function unlocked<T>(tenantId: string, callId: string, act: () => T): Promise<T> {
    const deadline = performance.now() + lockTimeoutMs;
    for (let lock = locks.get(tenantId); lock !== undefined; lock = locks.get(tenantId)) await released(lock, callId, deadline);
    return act();
  }

  return {
    async run(tenantId, callId, collection, operation, args) {
      const run = (): Json => runOn(tablesOf(tenantId), collection, operation, args);
      return writes.has(operation) ? unlocked(tenantId, callId, run) : run();
    },
    async begin(tenantId, callId) {
      const { promise, resolve } = Promise.withResolvers<void>();
      await unlocked(tenantId, callId, () => locks.set(tenantId, { callId, released: promise }));
      const tables: Tables = new Map([...tablesOf(tenantId)].map(([name, rows]) => [name, new Map(rows)]));
      const effects: (() => void)[] = [];
      let open = true;
      const end = (): void => {
        if (!open) throw NotFound({ message: 'There is no such transaction in this call.' });
        open = false;
        locks.delete(tenantId);
        resolve();
      };
      return {
        run(collection, operation, args) {
          if (!open) throw NotFound({ message: 'There is no such transaction in this call.' });
          return runOn(tables, collection, operation, args);
        },
        onCommit: (effect) => void effects.push(effect),
        commit() {
          end();
          committed.set(tenantId, tables);
          for (const effect of effects) effect();
        },
        rollback: end,
      };
    },
  };
}
