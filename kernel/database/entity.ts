import type { PolicyDef, PropertyBuilders } from '@mikro-orm/core';
import { defineEntity, p } from '@mikro-orm/core';

/** Schema of every kernel table. */
export const kernelSchema = 'kernel';

/** The tenant of this transaction, or null, which matches no row. */
export const currentTenant = `nullif(current_setting('app.tenant', true), '')::uuid`;

/** Policy names; the roles carry the deployment's prefix, so they are filled in when the metadata is read. */
export const tenantWall = 'tenant_wall';
export const systemWall = 'system_wall';

const systemPolicy = (): PolicyDef => ({ name: systemWall, using: 'true', check: 'true' });
const tenantPolicy = (): PolicyDef => ({ name: tenantWall, using: `tenant_id = ${currentTenant}`, check: `tenant_id = ${currentTenant}` });

/**
 * Options of a kernel table whose rows belong to a tenant: spread into `defineEntity` and put {@link tenantId} first
 * among its properties. `database.tenant()` sees the current tenant's rows, `database.system()` all of them.
 */
export const tenantTable = () => ({ schema: kernelSchema, rowLevelSecurity: 'force' as const, policies: [tenantPolicy(), systemPolicy()] });

/** Options of a kernel table that only `database.system()` may touch. */
export const systemTable = () => ({ schema: kernelSchema, rowLevelSecurity: 'force' as const, policies: [systemPolicy()] });

/** First part of a tenant table's primary key. */
export const tenantId = () => p.uuid().primary();

export { defineEntity, p };
export type { PropertyBuilders };
