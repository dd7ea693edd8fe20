export { type Query, type Row } from './boot-connection.ts';
export { currentTenant, defineEntity, kernelSchema, p, systemTable, tenantId, tenantTable } from './entity.ts';
export type { DatabaseLog } from './log.ts';
export { type Database, type DatabaseOptions, openDatabase } from './open-database.ts';
