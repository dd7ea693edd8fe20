import type { MikroORM } from '@mikro-orm/postgresql';
import type { Json, Manifest } from '@proofpix/sdk';
import type { Pool } from 'pg';
import { roleNames } from '../role-names.ts';
import { type CollectionOp, compileOp } from './collection-op.ts';
import { collectionTables, pluginSchema } from './collection-table.ts';
import type { Cursors } from './cursor.ts';
import { toPluginError } from './database-error.ts';
import { type PluginIdentity, type Scope, openingOf, poolOf, send, together } from './plugin-connection.ts';
import { type PluginTransaction, beginTransaction } from './plugin-transaction.ts';
import type { Statement } from './statement.ts';
import type { StatementNames } from './statement-names.ts';

/** The collections of one version of a plugin. Tenants are given with each call; it holds no connection. */
export interface PluginStore {
  /** @throws UNAVAILABLE when no connection is free in time */
  begin(scope: Scope): Promise<PluginTransaction>;
  /**
   * One operation in a transaction of its own, in one round trip.
   *
   * @throws VALIDATION_ERROR, CONFLICT, PAYLOAD_TOO_LARGE, DEADLINE_EXCEEDED, UNAVAILABLE
   */
  run(scope: Scope, op: CollectionOp): Promise<Json>;
  /** One statement of `ctx.sql` in a transaction of its own. */
  sql(scope: Scope, strings: readonly string[], values: readonly Json[]): Promise<Json[]>;
}

export interface StoreParts {
  orm: MikroORM;
  prefix: string;
  cursors: Cursors;
  names: StatementNames;
}

const reading = new Set(['find', 'findOne', 'get', 'count', 'aggregate']);

export function pluginStore(parts: StoreParts, manifest: Manifest): PluginStore {
  const list = collectionTables(manifest);
  const tables = new Map(list.map((table) => [table.name, table]));
  const identity: PluginIdentity = { role: roleNames(parts.prefix).plugin(manifest.id), schema: pluginSchema(manifest.id) };
  let opened: Pool | undefined;
  const pool = async (): Promise<Pool> => (opened ??= await poolOf(parts.orm));

  /** Opening, statement and end leave in one packet; each is answered in turn, so an error before the end rolls back. */
  async function once(scope: Scope, statement: Statement): Promise<Json> {
    const opening = openingOf(identity, scope);
    const client = await (await pool()).connect();
    let failed = true;
    try {
      const [begun, sent, committed] = together(client, () => [client.query(opening), send(client, parts.names, identity.schema, statement), client.query('commit')] as const);
      const [first, second, third] = await Promise.allSettled([begun, sent, committed]);
      // a failed statement leaves a healthy connection behind once the commit, then a rollback, was answered
      failed = first.status === 'rejected' || third.status === 'rejected';
      if (first.status === 'rejected') throw first.reason;
      if (second.status === 'rejected') throw second.reason;
      if (third.status === 'rejected') throw third.reason;
      return statement.result(second.value.rows, second.value.rowCount);
    } finally {
      client.release(failed);
    }
  }

  const admitSql = async (): Promise<Statement> => {
    throw new Error('ctx.sql is not available yet');
  }

  return {
    async begin(scope) {
      return beginTransaction({ orm: parts.orm, pool: await pool(), identity, tables, cursors: parts.cursors, names: parts.names, admitSql }, scope);
    },
    async run(scope, op) {
      try {
        const compiled = compileOp(tables, parts.cursors, op);
        if ('known' in compiled) return compiled.known;
        return await once(reading.has(op.op) ? { ...scope, readOnly: true } : scope, compiled);
      } catch (error) {
        throw toPluginError(error, list);
      }
    },
    async sql(scope, strings, values) {
      void values;
      void strings;
      void scope;
      return (await admitSql()) as never;
    },
  };
}
