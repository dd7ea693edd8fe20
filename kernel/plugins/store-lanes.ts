import { DeadlineExceeded } from '@proofpix/sdk';
import type { PluginStore, PluginTransaction, Scope } from '../database/index.ts';

/**
 * Bounds how many of the pool's connections one kind of work holds at once. Waiters are served in
 * order; each gives up at its call's own deadline.
 */
export interface Lane {
  enter(timeoutMs: number): Promise<() => void>;
}

/** @param width how many may be inside */
export function openLane(width: number): Lane {
  const waiting = new Set<() => void>();
  let inside = 0;

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside--;
      const [next] = waiting;
      if (next === undefined) return;
      waiting.delete(next);
      next();
    };
  }

  return {
    enter(timeoutMs) {
      if (inside < width) {
        inside++;
        return Promise.resolve(leaveOnce());
      }
      return new Promise((resolve, reject) => {
        const enter = (): void => {
          clearTimeout(timer);
          inside++;
          resolve(leaveOnce());
        };
        const timer = setTimeout(() => {
          waiting.delete(enter);
          reject(DeadlineExceeded({ message: 'No connection to the database was free in time.' }));
        }, timeoutMs);
        waiting.add(enter);
      });
    },
  };
}

function releasing(transaction: PluginTransaction, leave: () => void): PluginTransaction {
  return {
    ...transaction,
    async commit() {
      try {
        await transaction.commit();
      } finally {
        leave();
      }
    },
    async rollback() {
      await transaction.rollback();
      leave();
    },
  };
}

async function beginInside(store: PluginStore, lane: Lane, scope: Scope): Promise<PluginTransaction> {
  const leave = await lane.enter(scope.timeoutMs);
  try {
    return releasing(await store.begin(scope), leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * A store whose transactions pass through the lane. The host takes another connection for some of what
 * it does inside one: if transactions held them all, each would wait for the others.
 */
export function transactionsInLane(store: PluginStore, lane: Lane): PluginStore {
  return { run: store.run, sql: store.sql, begin: (scope) => beginInside(store, lane, scope) };
}

/** A store whose statements and transactions pass through the lane. */
export function storeInLane(store: PluginStore, lane: Lane): PluginStore {
  async function inside<T>(scope: Scope, run: () => Promise<T>): Promise<T> {
    const leave = await lane.enter(scope.timeoutMs);
    try {
      return await run();
    } finally {
      leave();
    }
  }
  return {
    run: (scope, op) => inside(scope, () => store.run(scope, op)),
    sql: (scope, strings, values) => inside(scope, () => store.sql(scope, strings, values)),
    begin: (scope) => beginInside(store, lane, scope),
  };
}
