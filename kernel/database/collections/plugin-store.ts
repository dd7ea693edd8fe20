import type { MikroORM } from '@mikro-orm/postgresql';
import type { Json, Manifest } from '@proofpix/sdk';
import type { Pool, PoolClient } from 'pg';
import { roleNames } from '../role-names.ts';
import { sqlAdmission } from '../sql/sql-statement.ts';
import { type CollectionOp, compileOp } from './collection-op.ts';
import { collectionTables, pluginSchema } from './collection-table.ts';
import type { Cursors } from './cursor.ts';
import { toPluginError } from './database-error.ts';
import { type PluginIdentity, type Scope, openingOf, poolOf, send, sendSql, sqlSettingsOf, together } from './plugin-connection.ts';
import { type PluginTransaction, beginTransaction } from './plugin-transaction.ts';
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
  const admission = sqlAdmission(list.map((table) => table.table));
  let opened: Pool | undefined;
  const pool = async (): Promise<Pool> => (opened ??= await poolOf(parts.orm));

  /** Opening, statement and end leave in one packet; each is answered in turn, so an error before the end rolls back. */
  async function once<T>(opening: string, statement: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await (await pool()).connect();
    let failed = true;
    try {
      const all = together(client, () => [client.query(opening), statement(client), client.query('commit')] as const);
      const [first, second, third] = await Promise.allSettled(all);
      // a failed statement leaves a healthy connection behind once the commit, then a rollback, was answered
      failed = first.status === 'rejected' || third.status === 'rejected';
      if (first.status === 'rejected') throw first.reason;
      if (second.status === 'rejected') throw second.reason;
      if (third.status === 'rejected') throw third.reason;
      return second.value;
    } finally {
      client.release(failed);
    }
  }

  return {
    async begin(scope) {
      return beginTransaction({ orm: parts.orm, pool: await pool(), identity, tables, cursors: parts.cursors, names: parts.names, admission }, scope);
    },
    async run(scope, op) {
      try {
        const compiled = compileOp(tables, parts.cursors, op);
        if ('known' in compiled) return compiled.known;
        const opening = openingOf(identity, reading.has(op.op) ? { ...scope, readOnly: true } : scope);
        const { rows, rowCount } = await once(opening, (client) => send(client, parts.names, identity.schema, compiled));
        return compiled.result(rows, rowCount);
      } catch (error) {
        throw toPluginError(error, list);
      }
    },
    async sql(scope, strings, values) {
      try {
        const statement = await admission.admit(strings, values);
        const opening = `${openingOf(identity, { ...scope, readOnly: scope.readOnly === true || statement.readOnly })}; ${sqlSettingsOf(identity)}`;
        return await once(opening, (client) => sendSql(client, parts.names, identity.schema, statement));
      } catch (error) {
        throw toPluginError(error, list);
      }
    },
  };
}
