import { EntitySchema } from '@mikro-orm/core';
import { currentTenant, systemWall, tenantWall } from '../entity.ts';
import { quoteLiteral } from '../role-names.ts';
import type { CollectionTable, TableIndex } from './collection-table.ts';
import { type Field, sqlTypes } from './field.ts';

const hostDefaults: Readonly<Record<string, string>> = { id: 'gen_random_uuid()', createdAt: 'now()', updatedAt: 'now()' };

/** A default from the schema as a column default, so that inserts of an older version stay valid. */
function columnDefault(field: Field): string | undefined {
  if (field.default === undefined || field.default === null) return undefined;
  const text = field.kind === 'json' ? JSON.stringify(field.default) : String(field.default);
  if (text.includes('\\') || text.includes('\n')) return undefined;
  return field.kind === 'boolean' || field.kind === 'integer' || field.kind === 'number' ? text : `${quoteLiteral(text)}::${sqlTypes[field.kind]}`;
}

/** A required field is NOT NULL in the table; everything finer is the validator's. */
export function isColumnNullable(field: Field): boolean {
  return !field.host && (field.optional || field.nullable);
}

/** An index within the tenant: no constraint reaches across the wall. */
const led = (index: TableIndex): { name: string; properties: string[] } => ({ name: index.name, properties: ['tenantId', ...index.fields] });

/** The MikroORM entity of a collection: keys led by the tenant, and the wall around it. */
export function collectionEntity(table: CollectionTable): EntitySchema {
  const properties: Record<string, object> = {
    // the defaults serve ctx.sql; collections bind both. PostgreSQL keeps this one in words of its own, so it is not compared
    tenantId: { type: 'string', columnType: 'uuid', fieldName: 'tenant_id', primary: true, defaultRaw: currentTenant, ignoreSchemaChanges: ['default'] },
  };
  for (const field of table.fields) {
    const defaultRaw = hostDefaults[field.name] ?? columnDefault(field);
    properties[field.name] = {
      type: field.kind === 'json' ? 'json' : 'string',
      columnType: sqlTypes[field.kind],
      fieldName: field.column,
      nullable: isColumnNullable(field),
      ...(field.name === 'id' ? { primary: true } : {}),
      ...(defaultRaw === undefined ? {} : { defaultRaw }),
    };
  }
  const own = `tenant_id = ${currentTenant}`;
  return new EntitySchema({
    name: `${table.schema}.${table.name}`,
    schema: table.schema,
    tableName: table.table,
    properties: properties as never,
    indexes: table.indexes.map(led) as never,
    uniques: table.uniques.map(led) as never,
    rowLevelSecurity: 'force',
    policies: [
      { name: tenantWall, using: own, check: own },
      { name: systemWall, using: 'true', check: 'true' },
    ],
  });
}
