import { MikroORM } from '@mikro-orm/postgresql';
import { DatabaseSchema, type SchemaComparator as Comparator, SchemaComparator, type SqlSchemaGenerator } from '@mikro-orm/sql';
import { isSearchIndex } from './text-search.ts';

/** What lies between the database and a plugin's entities. */
export type SchemaDifference = ReturnType<Comparator['compare']>;
export type TableDifference = SchemaDifference['changedTables'][string];

/** Reads the plugin's schema as it is and compares it with the entities that `orm` was opened with. */
export async function readDifference(orm: MikroORM, schema: string): Promise<SchemaDifference> {
  const connection = orm.em.getConnection();
  const platform = orm.em.getPlatform();
  const target = DatabaseSchema.fromMetadata([...orm.getMetadata().getAll().values()], platform, orm.config, schema);
  const current = await DatabaseSchema.create(connection, platform, orm.config, schema, [schema]);
  current.prune(schema, []);
  target.prune(schema, []);
  // search indexes are no part of the entities: text-search.ts plans them
  for (const table of current.getTables()) table.setIndexes(table.getIndexes().filter((index) => !isSearchIndex(index.keyName)));
  return new SchemaComparator(platform).compare(current, target);
}

export function differenceToSql(orm: MikroORM, difference: SchemaDifference): string {
  return (orm.schema as unknown as SqlSchemaGenerator).diffToSQL(difference, { wrap: false, safe: false, dropTables: true });
}

/** Cuts a script into statements; semicolons inside literals and identifiers stay. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let quote = '';
  let start = 0;
  for (let at = 0; at < sql.length; at += 1) {
    const char = sql[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"') {
      quote = char;
    } else if (char === ';') {
      statements.push(sql.slice(start, at));
      start = at + 1;
    }
  }
  return [...statements, sql.slice(start)].map((statement) => statement.trim()).filter((statement) => statement !== '');
}
