import { Conflict, NotFound, Unavailable } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { MemoryTransaction } from '../store/memory-store.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import type { FakeHostCall, HarnessCall, HarnessState } from '../state.ts';

/** @throws NOT_FOUND for a transaction that is over or never was. */
export function transactionOf(call: HarnessCall, id: Json | undefined): MemoryTransaction {
  if (call.transaction === null || call.transaction.id !== id) throw NotFound({ message: 'There is no such transaction in this call.' });
  return call.transaction.open;
}

const ended =
  (end: 'commit' | 'rollback'): FakeHostCall =>
  (call, [id]) => {
    const transaction = transactionOf(call, id);
    call.transaction = null;
    transaction[end]();
  };

/** `ctx.db` and `ctx.sql`. */
export function dbCalls(state: HarnessState) {
  const operation =
    (name: string): FakeHostCall =>
    (call, [tx, collection, ...args]) =>
      tx === null ? state.store.run(call.tenantId, call.id, collection as string, name, args) : transactionOf(call, tx).run(collection as string, name, args);

  return {
    'db.find': operation('find'),
    'db.findOne': operation('findOne'),
    'db.get': operation('get'),
    'db.count': operation('count'),
    'db.insert': operation('insert'),
    'db.insertMany': operation('insertMany'),
    'db.update': operation('update'),
    'db.upsert': operation('upsert'),
    'db.delete': operation('delete'),
    'db.aggregate': operation('aggregate'),
    'db.begin': async (call: HarnessCall) => {
      if (call.transaction !== null) throw Conflict({ message: 'A call has one transaction at a time.' });
      const id = state.ids.record();
      call.transaction = { id, open: await state.store.begin(call.tenantId, call.id) };
      return id;
    },
    'db.commit': ended('commit'),
    'db.rollback': ended('rollback'),
    'sql.query': async (_call: HarnessCall, [, strings, values]: readonly Json[]) => {
      if (!state.grants.has('db:sql')) throw capabilityMissing('db:sql');
      if (state.options.sql === undefined) throw Unavailable({ message: 'ctx.sql needs PostgreSQL: give the harness an option `sql` that answers it.' });
      const text = (strings as string[]).reduce((sofar, part, at) => `${sofar}$${at}${part}`);
      return [...(await state.options.sql(text, values as Json[]))];
    },
  };
}
