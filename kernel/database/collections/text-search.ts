import { ValidationError } from '@proofpix/sdk';
import type { Query } from '../boot-connection.ts';
import { currentTenant } from '../entity.ts';
import { quoteIdentifier, quoteLiteral } from '../role-names.ts';
import type { CollectionTable } from './collection-table.ts';

/**
 * How much of a text is indexed, in characters. A tsvector ends at 1 MiB, beyond which the insert would fail; the worst
 * text (four-byte letters in hyphenated words, each of which is indexed whole and in parts) takes less than 8 bytes of it
 * a character.
 */
export const searchedCharacters = 131_072;
/** Longest query, in characters. */
export const maxSearchLength = 1_000;

const suffix = '_ft';

/** The index and the function behind `$search` on one field; both have this name. */
export interface TableSearch {
  readonly name: string;
  readonly field: string;
  readonly column: string;
  /** quoted and schema-qualified */
  readonly sqlFunction: string;
}

/** Whether an index is made here: the comparison of entities and tables knows nothing of them. */
export const isSearchIndex = (name: string): boolean => name.endsWith(suffix);

/** `'simple'` lower-cases and does not stem: a tenant's documents are in any language. */
const vector = (search: TableSearch): string => `to_tsvector('simple', "left"(${quoteIdentifier(search.column)}, ${searchedCharacters}))`;

/**
 * The tenant leads inside the index, so that a common word of other tenants costs nothing; as an array, because that is
 * what GIN takes. The field is part of it, or the planner might look up the tenant in another field's index and read every text.
 */
const owner = (search: TableSearch, tenant: string): string => `array[${quoteLiteral(`${search.column}:`)} || (${tenant})::text]`;

const indexSql = (table: CollectionTable, search: TableSearch): string =>
  `create index ${quoteIdentifier(search.name)} on ${table.sqlName} using gin ((${owner(search, 'tenant_id')}), ${vector(search)})`;

/**
 * The plugin's role cannot use the index itself: under row level security PostgreSQL gives an index only conditions whose
 * operator is leakproof, and `@@` is not (97 ms instead of 6 for 2,000 rows of 700 bytes). This function runs as the system
 * role, whose policy lets every row pass, and keeps to the transaction's tenant by the same expression as that policy.
 * It answers ids only, and the statement around it meets row level security as ever.
 */
const functionSql = (table: CollectionTable, search: TableSearch): string =>
  `create or replace function ${search.sqlFunction}(query text) returns setof uuid language sql stable security definer set search_path = pg_catalog set enable_seqscan = off as ${quoteLiteral(
    `select id from ${table.sqlName} where ${owner(search, 'tenant_id')} @> ${owner(search, currentTenant)} and ${vector(search)} @@ websearch_to_tsquery('simple', query)`,
  )}`;

/**
 * A condition that holds for records whose field matches. Where every record needs it, it is an array, whose ids are
 * looked up one by one; elsewhere a set, because a long array that each record is held against would be searched in full.
 *
 * @throws VALIDATION_ERROR
 */
export function searchCondition(table: CollectionTable, fieldName: string, query: unknown, place: 'needed' | 'optional', bind: (query: string) => string): string {
  const refuse = (issue: string): never => {
    throw ValidationError({ message: `${fieldName}: ${issue}`, details: { field: fieldName, issue } });
  };
  const search = table.searches.find((one) => one.field === fieldName);
  if (!search) return refuse('$search needs a field that the collection declares under search');
  if (typeof query !== 'string') return refuse('must be searched for with a string');
  if (query.length > maxSearchLength) return refuse(`$search takes at most ${maxSearchLength} characters`);
  // PostgreSQL's texts hold no NUL
  if (query.includes('\0')) return refuse('must be searched for without NUL');
  const ids = `select ${search.sqlFunction}(${bind(query)})`;
  return place === 'needed' ? `"id" = any(array(${ids}))` : `"id" in (${ids})`;
}

export interface SearchPlan {
  /** before anything is dropped */
  readonly before: string[];
  /** once the columns are there */
  readonly after: string[];
  readonly deferred: string[];
}

/** What brings the search indexes of a schema to what its tables declare. Statements; nothing runs here. */
export async function planSearches(query: Query, schema: string, tables: readonly CollectionTable[], roles: { system: string; plugin: string }, allowContract: boolean): Promise<SearchPlan> {
  const rows = await query(`select c.relname as name, t.relname as "table" from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1`, [schema]);
  const existing = new Map(rows.map((row) => [String(row['name']), String(row['table'])]).filter(([name = '']) => isSearchIndex(name)) as [string, string][]);
  const wanted = tables.flatMap((table) => table.searches.map((search) => ({ table, search })));
  const plan: SearchPlan = { before: [], after: [], deferred: [] };
  for (const [name, table] of existing) {
    if (wanted.some(({ search }) => search.name === name)) continue;
    if (allowContract) plan.before.push(`drop function if exists ${quoteIdentifier(schema)}.${quoteIdentifier(name)}(text)`, `drop index ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
    else plan.deferred.push(`drop search index ${name} of ${table}: waits until no tenant needs the older version`);
  }
  const missing = wanted.filter(({ search }) => !existing.has(search.name));
  if (missing.length === 0) return plan;
  const [system, plugin] = [quoteIdentifier(roles.system), quoteIdentifier(roles.plugin)];
  plan.after.push(
    ...missing.map(({ table, search }) => indexSql(table, search)),
    // who makes a function owns it, and a security definer function runs as its owner
    `grant create on schema ${quoteIdentifier(schema)} to ${system}`,
    `grant usage on schema ${quoteIdentifier(schema)} to ${system}`,
    `grant select on ${[...new Set(missing.map(({ table }) => table.sqlName))].join(', ')} to ${system}`,
    `set local role ${system}`,
    ...missing.flatMap(({ table, search }) => [functionSql(table, search), `revoke all on function ${search.sqlFunction}(text) from public`, `grant execute on function ${search.sqlFunction}(text) to ${plugin}`]),
    'reset role',
    `revoke create on schema ${quoteIdentifier(schema)} from ${system}`,
  );
  return plan;
}
