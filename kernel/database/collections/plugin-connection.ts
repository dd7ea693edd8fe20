import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Json } from '@proofpix/sdk';
import type { Pool, PoolClient } from 'pg';
import { quoteIdentifier, quoteLiteral } from '../role-names.ts';
import { boundedQuery } from '../sql/bounded-query.ts';
import { type SqlStatement, toObjects } from '../sql/sql-statement.ts';
import type { Statement, TextRow } from './statement.ts';
import type { StatementNames } from './statement-names.ts';

/** Who a statement runs for. */
export interface Scope {
  /** lower-case uuid */
  readonly tenantId: string;
  /** of the whole transaction */
  readonly timeoutMs: number;
  readonly readOnly?: boolean;
}

/** The identity a plugin's statements have: its role sees its own schema, its tenant its own rows. */
export interface PluginIdentity {
  readonly role: string;
  readonly schema: string;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const maxTimeoutMs = 60_000;
const asText = { getTypeParser: () => (text: string) => text };

/**
 * Everything that makes a transaction the plugin's, in one message of the simple protocol. Its literals are a checked
 * uuid, a number and names made by the host. Should it fail, what follows runs as the serving login without a tenant,
 * which has no rights in a plugin's schema.
 *
 * @throws RangeError on a malformed tenant id or a timeout outside 1 to 60,000 ms
 */
export function openingOf(identity: PluginIdentity, scope: Scope): string {
  if (!uuid.test(scope.tenantId)) throw new RangeError('A tenant id is a lower-case uuid');
  if (!(scope.timeoutMs > 0)) throw new RangeError('A transaction needs a timeout');
  const timeoutMs = Math.ceil(Math.min(scope.timeoutMs, maxTimeoutMs));
  return `begin${scope.readOnly ? ' read only' : ''}; set local role ${quoteIdentifier(identity.role)}; set local app.tenant = ${quoteLiteral(scope.tenantId)}; set local statement_timeout = ${timeoutMs}`;
}

/**
 * What a statement of `ctx.sql` needs besides: unqualified names mean the plugin's tables, and the server reads
 * literals as the parser that admitted the statement did.
 */
export function sqlSettingsOf(identity: PluginIdentity): string {
  return `set local search_path = ${quoteIdentifier(identity.schema)}; set local standard_conforming_strings = on`;
}

/** The pool of the serving login that MikroORM holds. */
export async function poolOf(orm: MikroORM): Promise<Pool> {
  return (await (orm.em as EntityManager).getConnection().getNativeClient()) as Pool;
}

export interface StatementRows {
  readonly rows: readonly TextRow[];
  readonly rowCount: number;
}

/** Sends a statement, prepared when it comes often, and answers its rows as texts. */
export async function send(client: PoolClient, names: StatementNames, scope: string, statement: Pick<Statement, 'text' | 'values'>): Promise<StatementRows> {
  const name = names.nameOf(scope, statement.text);
  const result = await client.query({ text: statement.text, values: statement.values as unknown[], rowMode: 'array', types: asText, ...(name === undefined ? {} : { name }) });
  return { rows: result.rows as unknown as TextRow[], rowCount: result.rowCount ?? 0 };
}

/** As {@link send}, for an admitted statement of `ctx.sql`. */
export async function sendSql(client: PoolClient, names: StatementNames, scope: string, statement: SqlStatement): Promise<Json[]> {
  const name = names.nameOf(scope, statement.text);
  const { fields, rows } = await boundedQuery(client, { text: statement.text, values: statement.values, ...(name === undefined ? {} : { name }) });
  return toObjects(fields, rows);
}

interface Corkable {
  connection?: { stream?: { cork?(): void; uncork?(): void; destroy?(): void } };
}

/** Lets `fn` write several messages into one packet. */
export function together<T>(client: PoolClient, fn: () => T): T {
  const stream = (client as unknown as Corkable).connection?.stream;
  stream?.cork?.();
  try {
    return fn();
  } finally {
    stream?.uncork?.();
  }
}

/** Drops the connection at once, so that nobody waits for what is in flight; the server rolls back. */
export function abandon(client: PoolClient): void {
  (client as unknown as Corkable).connection?.stream?.destroy?.();
}
