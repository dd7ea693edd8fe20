import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';

/** Calls `wake` once the transaction of `em` has committed; never after a rollback. */
export type AfterCommit = (em: EntityManager, wake: () => void) => void;

/**
 * Watches the ORM's transactions. A commit that it does not see (one made by other means) costs latency, not
 * work: every queue is also polled.
 */
export function watchCommits(orm: MikroORM): AfterCommit {
  const waiting = new WeakMap<object, Set<() => void>>();
  orm.em.getEventManager().registerSubscriber({
    afterTransactionCommit(args) {
      const transaction = args.transaction as object | undefined;
      const wakes = transaction && waiting.get(transaction);
      if (!wakes) return;
      waiting.delete(transaction);
      for (const wake of wakes) wake();
    },
  });
  return (em, wake) => {
    const transaction = em.getTransactionContext<object>();
    if (!transaction) return wake();
    const wakes = waiting.get(transaction) ?? new Set();
    waiting.set(transaction, wakes.add(wake));
  };
}
