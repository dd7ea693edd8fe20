import type { EntitySchema } from '@mikro-orm/core';
import { MikroORM, type Options } from '@mikro-orm/postgresql';
import type { DatabaseLog } from './log.ts';
import { systemWall, tenantWall } from './entity.ts';
import { type RoleNames, roleNames } from './role-names.ts';

export interface OrmOptions {
  url: string;
  prefix: string;
  entities: readonly EntitySchema[];
  poolMax: number;
  log: DatabaseLog;
  applicationName: string;
  /** role of the tenant policy: the serving login for kernel tables, the plugin's role for collections */
  tenantRole?: string;
  /** MikroORM's own options on top, for migrations */
  overrides?: Options;
}

/** Opens MikroORM on one login, with the deployment's role names written into the policies of its entities. */
export function openOrm(options: OrmOptions): Promise<MikroORM> {
  const names: RoleNames = roleNames(options.prefix);
  const roles: Record<string, string> = { [tenantWall]: options.tenantRole ?? names.app, [systemWall]: names.system };
  return MikroORM.init({
    clientUrl: options.url,
    entities: [...options.entities],
    discovery: {
      warnWhenNoEntities: false,
      onMetadata(meta) {
        meta.policies = meta.policies.map((policy) => {
          const role = roles[policy.name ?? ''];
          return role ? { ...policy, roles: [role] } : policy;
        });
      },
    },
    // several messages may leave before the first is answered; callers that await each see no difference
    driverOptions: { pipeline: true, application_name: options.applicationName, connectionTimeoutMillis: 15_000, keepAlive: true },
    pool: { min: 0, max: options.poolMax, idleTimeoutMillis: 30_000 },
    forceUtcTimezone: true,
    ensureDatabase: false,
    logger: (message) => options.log.debug({ orm: message }, 'database'),
    colors: false,
    ...options.overrides,
  });
}
