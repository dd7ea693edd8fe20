import type { EntitySchema } from '@mikro-orm/core';
import { storageEntities } from '../storage/entities.ts';
import { pluginMigrationEntities } from './plugin-migration.ts';

/** Every kernel table, by module. A module adds one line here. */
export const kernelEntities: readonly EntitySchema[] = [
  ...pluginMigrationEntities,
  ...storageEntities,
] as unknown as readonly EntitySchema[];
