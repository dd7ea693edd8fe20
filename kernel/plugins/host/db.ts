import { randomUUID } from 'node:crypto';
import { Conflict, NotFound, type Json } from '@proofpix/sdk';
import { Type, type TSchema } from 'typebox';
import type { Auth } from '../../auth/contract.ts';
import type { CollectionOp, PluginStore } from '../../database/index.ts';
import type { OpenTransaction, PluginCall } from '../call.ts';
import type { Quotas } from '../quotas.ts';
import { hostCall, ownerOf, tenantOf, type HostCall } from './host-call.ts';

/** How long a transaction may stay open, whatever the call's own deadline. */
const transactionMs = 10_000;
/** A single statement. */
const statementMs = 10_000;

export interface DbDeps {
  storeOf(call: PluginCall): PluginStore;
  quotas: Quotas;
  auth: Pick<Auth, 'audit'>;
  /** All rows of the call's tenant and plugin, counted. */
  countRows(call: PluginCall): Promise<number>;
  /** After a commit that may have emitted events. */
  wake(): void;
}

const Tx = Type.Union([Type.String(), Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 50 });
const Anything = Type.Unknown();
const OptionalList = Type.Array(Type.String({ maxLength: 50 }), { maxItems: 8 });

const argumentsOf: Record<CollectionOp['op'], readonly TSchema[]> = {
  find: [Anything],
  findOne: [Anything],
  get: [Type.String({ maxLength: 64 })],
  count: [Anything],
  insert: [Anything],
  insertMany: [Type.Array(Anything, { maxItems: 1000 })],
  update: [Anything, Anything],
  upsert: [Anything, OptionalList],
  delete: [Anything],
  aggregate: [Anything],
};

/** The transaction that `id` names in this call. @throws NOT_FOUND when it is over or never was. */
export function transactionOf(call: PluginCall, id: string): OpenTransaction {
  if (call.transaction === null || call.transaction.id !== id) throw NotFound({ message: 'There is no such transaction in this call.' });
  return call.transaction;
}

/** Milliseconds a statement of this call may take. */
export function remainingMs(call: PluginCall, mostMs = statementMs): number {
  return Math.max(1, Math.min(mostMs, call.deadline - Date.now()));
}

/** Rows that an operation added, negative for removed ones, as far as its result tells. */
function rowsAdded(op: CollectionOp, result: Json): number {
  if (op.op === 'insert') return 1;
  if (op.op === 'insertMany') return (result as unknown[]).length;
  if (op.op !== 'delete') return 0;
  return result === true ? -1 : result === false ? 0 : -(result as number);
}

function rowsAsked(op: CollectionOp): number {
  if (op.op === 'insert' || op.op === 'upsert') return 1;
  return op.op === 'insertMany' ? (op.args[0] as unknown[]).length : 0;
}

/** `ctx.db`: operations on own collections, and transactions. */
export function dbCalls({ storeOf, quotas, countRows, wake, auth }: DbDeps) {
  const operation = (name: CollectionOp['op']): HostCall =>
    hostCall(Type.Tuple([Tx, Name, ...argumentsOf[name]]) as TSchema, null, async (call, raw) => {
      const [tx, collection, ...args] = raw as [string | null, string, ...Json[]];
      const op: CollectionOp = { op: name, collection, args };
      const owner = ownerOf(call);
      const asked = rowsAsked(op);
      if (asked > 0) await quotas.require(owner, call.version.limits, 'rows', asked, () => countRows(call));
      const result = tx === null ? await storeOf(call).run({ tenantId: owner.tenantId, timeoutMs: remainingMs(call) }, op) : await transactionOf(call, tx).run(op);
      const added = rowsAdded(op, result);
      // A rolled-back insert stays counted until the next recount: quotas err on the safe side.
      if (added !== 0) quotas.add(owner, 'rows', added);
      return result;
    });

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
    'db.begin': hostCall(Type.Tuple([]), null, async (call) => {
      if (call.transaction !== null) throw Conflict({ message: 'A call has one transaction at a time.' });
      const opened = await storeOf(call).begin({ tenantId: tenantOf(call), timeoutMs: remainingMs(call, transactionMs) });
      const id = randomUUID();
      call.transaction = { ...opened, id, audits: [] } satisfies OpenTransaction;
      return id;
    }),
    'db.commit': hostCall(Type.Tuple([Type.String()]), null, async (call, [id]) => {
      const transaction = transactionOf(call, id);
      call.transaction = null;
      // last, because from here on the tenant's whole chain waits for the commit
      if (transaction.audits.length > 0) {
        await transaction.host((em) => auth.audit(transaction.audits, em)).catch(async (error: unknown) => {
          await transaction.rollback();
          throw error;
        });
      }
      await transaction.commit();
      wake();
    }),
    'db.rollback': hostCall(Type.Tuple([Type.String()]), null, async (call, [id]) => {
      const transaction = transactionOf(call, id);
      call.transaction = null;
      await transaction.rollback();
    }),
    'sql.query': hostCall(Type.Tuple([Tx, Type.Array(Type.String({ maxLength: 100_000 }), { minItems: 1, maxItems: 1001 }), Type.Array(Anything, { maxItems: 1000 })]), 'db:sql', async (call, [tx, strings, values]) => {
      if (tx !== null) return transactionOf(call, tx).sql(strings, values as Json[]);
      return storeOf(call).sql({ tenantId: tenantOf(call), timeoutMs: remainingMs(call) }, strings, values as Json[]);
    }),
  };
}
