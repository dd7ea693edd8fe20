import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';

/** What a team has and holds. Counts of plugins are up to a second old; bytes are counted once per content. */
export interface TeamUsage {
  members: number;
  apiKeys: number;
  customRoles: number;
  files: { count: number; sizeBytes: number };
  plugins: { pluginId: string; rows: number; storedBytes: number; kvEntries: number; queuedJobs: number }[];
}

const countsSql = `select
  (select count(*) from kernel.memberships where tenant_id = $1)::float8 as members,
  (select count(*) from kernel.api_keys where tenant_id = $1 and revoked_at is null and (expires_at is null or expires_at > now()))::float8 as "apiKeys",
  (select count(*) from kernel.roles where tenant_id = $1)::float8 as "customRoles",
  (select count(*) from kernel.files where tenant_id = $1 and state = 'kept')::float8 as "fileCount",
  (select coalesce(sum(size_bytes), 0) from kernel.blobs where tenant_id = $1 and stored)::float8 as "fileBytes"`;

const pluginsSql = `select plugin_id as "pluginId", rows::float8 as rows, stored_bytes::float8 as "storedBytes", kv_entries::float8 as "kvEntries", queued_jobs::float8 as "queuedJobs"
  from kernel.plugin_usage where tenant_id = $1 order by plugin_id limit 1000`;

interface Counts {
  members: number;
  apiKeys: number;
  customRoles: number;
  fileCount: number;
  fileBytes: number;
}

export function teamUsage({ database }: { database: Database }): (tenantId: string) => Promise<TeamUsage> {
  return (tenantId) =>
    database.system(async (em) => {
      const [counts] = await statement<Counts>(em, countsSql, [tenantId]);
      if (counts === undefined) throw new Error('a query without a table answers one row');
      const { fileCount, fileBytes, ...rest } = counts;
      const plugins = await statement<TeamUsage['plugins'][number]>(em, pluginsSql, [tenantId]);
      return { ...rest, files: { count: fileCount, sizeBytes: fileBytes }, plugins };
    });
}
