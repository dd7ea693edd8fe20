import type { EntitySchema } from '@mikro-orm/core';
import { authEntities } from '../auth/entities/index.ts';
import { eventEntities } from '../events/entities.ts';
import { httpEntities } from '../http/entities.ts';
import { jobEntities } from '../jobs/entities.ts';
import { mailEntities } from '../mail/entities.ts';
import { realtimeEntities } from '../realtime/entities.ts';
import { storageEntities } from '../storage/entities.ts';
import { pluginEntities } from '../plugins/entities.ts';
import { pluginMigrationEntities } from './plugin-migration.ts';

/** Every kernel table, by module. A module adds one line here. */
export const kernelEntities: readonly EntitySchema[] = [
  ...pluginMigrationEntities,
  ...storageEntities,
  ...authEntities,
  ...eventEntities,
  ...jobEntities,
  ...httpEntities,
  ...mailEntities,
  ...realtimeEntities,
  ...pluginEntities,
] as unknown as readonly EntitySchema[];
