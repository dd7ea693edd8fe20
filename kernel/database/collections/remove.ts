import { withBootLock } from '../boot-connection.ts';
import { quoteIdentifier, roleNames } from '../role-names.ts';
import { pluginSchema } from './collection-table.ts';
import type { ProvisionContext } from './provision.ts';

/** Deletes one tenant's records of a plugin, as the system role. A plugin without collections is no error. */
export async function purgeTenant(context: ProvisionContext, pluginId: string, tenantId: string): Promise<void> {
  const schema = pluginSchema(pluginId);
  await withBootLock(context.bootUrl, async (query) => {
    await query('begin');
    try {
      const tables = await query(`select tablename from pg_tables where schemaname = $1`, [schema]);
      await query(`set local role ${quoteIdentifier(roleNames(context.prefix).system)}`);
      for (const { tablename } of tables) await query(`delete from ${quoteIdentifier(schema)}.${quoteIdentifier(String(tablename))} where tenant_id = $1`, [tenantId]);
      await query('commit');
    } catch (error) {
      await query('rollback');
      throw error;
    }
  });
}

/** Removes a plugin's schema, its role and the record of its migrations. */
export async function dropPlugin(context: ProvisionContext, pluginId: string): Promise<void> {
  const names = roleNames(context.prefix);
  const role = quoteIdentifier(names.plugin(pluginId));
  await withBootLock(context.bootUrl, async (query) => {
    await query('begin');
    try {
      await query(`drop schema if exists ${quoteIdentifier(pluginSchema(pluginId))} cascade`);
      await query(`set local role ${quoteIdentifier(names.system)}`);
      await query('delete from kernel.plugin_migrations where plugin_id = $1', [pluginId]);
      await query('reset role');
      await query('commit');
    } catch (error) {
      await query('rollback');
      throw error;
    }
    await query(`drop role if exists ${role}`).catch((error: { code?: string }) => {
      // another database of this cluster uses the same role (a copy of this deployment): it drops it last
      if (error.code !== '2BP01') throw error;
    });
  });
}
