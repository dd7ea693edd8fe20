import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Conflict, DeadlineExceeded, type Json, Unavailable } from '@proofpix/sdk';
import type { Pool } from 'pg';
import { joinTransaction } from '../joined-transaction.ts';
import { quoteIdentifier } from '../role-names.ts';
import { type CollectionOp, compileOp } from './collection-op.ts';
import type { CollectionTable } from './collection-table.ts';
import type { Cursors } from './cursor.ts';
import { toPluginError } from './database-error.ts';
import type { SqlAdmission } from '../sql/sql-statement.ts';
import { type PluginIdentity, type Scope, abandon, openingOf, send, sendSql, sqlSettingsOf } from './plugin-connection.ts';
import type { Statement } from './statement.ts';
import type { StatementNames } from './statement-names.ts';

const maxWaiting = 1_000;

/** A plugin's open transaction. Calls run one after another; it ends by itself at its deadline. */
export interface PluginTransaction {
  run(op: CollectionOp): Promise<Json>;
  /** A statement of `ctx.sql`, admitted before it is sent. */
  sql(strings: readonly string[], values: readonly Json[]): Promise<Json[]>;
  /**
   * Kernel work in this transaction, such as an outbox row: as the serving login, with the tenant set. The plugin's
   * role is set again afterwards, before anything else of the plugin runs.
   */
  host<T>(fn: (em: EntityManager) => Promise<T>): Promise<T>;
  commit(): Promise<void>;
  /** Also after a failure or the deadline; never throws. */
  rollback(): Promise<void>;
}

export interface TransactionParts {
  orm: MikroORM;
  pool: Pool;
  identity: PluginIdentity;
  tables: ReadonlyMap<string, CollectionTable>;
  cursors: Cursors;
  names: StatementNames;
  admission: SqlAdmission;
}

export async function beginTransaction(parts: TransactionParts, scope: Scope): Promise<PluginTransaction> {
  const opening = openingOf(parts.identity, scope);
  const tables = [...parts.tables.values()];
  const client = await parts.pool.connect().catch((error: unknown) => {
    throw toPluginError(error, tables);
  });
  const joined = joinTransaction(parts.orm, client);
  let state: 'open' | 'broken' | 'ended' = 'open';
  let expired = false;
  let waiting = 0;
  let tail: Promise<unknown> = Promise.resolve();
  let busy = false;

  const end = (destroy: boolean): void => {
    if (state === 'ended') return;
    state = 'ended';
    clearTimeout(timer);
    client.release(destroy);
  };
  const timer = setTimeout(() => {
    expired = true;
    // whatever is in flight cannot be waited for: the server rolls back when the connection goes
    if (busy) {
      abandon(client);
      end(true);
    } else void transaction.rollback();
  }, scope.timeoutMs);

  const refuse = (): Error => (expired ? DeadlineExceeded({ message: 'The transaction took longer than it may.' }) : Unavailable({ message: 'The transaction has ended.' }));

  // one at a time: while the host works as the serving login, no statement of the plugin may run
  function inTurn<T>(fn: () => Promise<T>): Promise<T> {
    if (waiting >= maxWaiting) return Promise.reject(Unavailable({ message: 'Too many calls wait in one transaction.' }));
    waiting += 1;
    const turn = tail.then(async () => {
      if (state !== 'open') throw refuse();
      busy = true;
      try {
        return await fn();
      } catch (error) {
        throw expired ? refuse() : toPluginError(error, tables);
      } finally {
        busy = false;
        waiting -= 1;
      }
    });
    tail = turn.catch(() => undefined);
    return turn;
  }

  async function onServer<T>(fn: () => Promise<T>): Promise<T> {
    try {
      return await fn();
    } catch (error) {
      // PostgreSQL has aborted the transaction
      if (state === 'open') state = 'broken';
      throw error;
    }
  }

  async function execute(statement: Statement): Promise<Json> {
    const { rows, rowCount } = await onServer(() => send(client, parts.names, parts.identity.schema, statement));
    return statement.result(rows, rowCount);
  }

  async function undo(): Promise<void> {
    if (state === 'ended') return;
    state = 'broken';
    try {
      await client.query('rollback');
      await joined.ended('rolled back');
      end(false);
    } catch {
      end(true);
    }
  }

  const transaction: PluginTransaction = {
    run: (op) =>
      inTurn(async () => {
        const compiled = compileOp(parts.tables, parts.cursors, op);
        return 'known' in compiled ? compiled.known : execute(compiled);
      }),
    sql: (strings, values) =>
      inTurn(async () => {
        const statement = await parts.admission.admit(strings, values);
        return onServer(async () => {
          await client.query(sqlSettingsOf(parts.identity));
          return sendSql(client, parts.names, parts.identity.schema, statement);
        });
      }),
    host: (fn) =>
      inTurn(() =>
        onServer(async () => {
          await client.query('reset role; set local search_path = default');
          const result = await joined.run(fn);
          await client.query(`set local role ${quoteIdentifier(parts.identity.role)}`);
          return result;
        }),
      ),
    async commit() {
      // a plugin may have caught the error of a statement: what it did not see must not look committed
      await inTurn(async () => undefined).catch(() => undefined);
      if (state === 'broken') {
        await transaction.rollback();
        throw Conflict({ message: 'A statement of the transaction failed, so it was rolled back.' });
      }
      await inTurn(async () => {
        try {
          await client.query('commit');
        } catch (error) {
          end(true);
          throw error;
        }
        end(false);
        await joined.ended('committed');
      });
    },
    rollback() {
      const before = tail;
      const turn = (async () => {
        await before;
        await undo();
      })();
      tail = turn;
      return turn;
    },
  };
  try {
    await client.query(opening);
  } catch (error) {
    end(true);
    throw toPluginError(error, tables);
  }
  return transaction;
}
