import type { Query } from './boot-connection.ts';
import { kernelEntities } from './entities.ts';
import { kernelSchema } from './entity.ts';
import type { DatabaseLog } from './log.ts';
import { openOrm } from './orm.ts';

/** Brings the kernel's tables up to the entities. Call it under the boot lock. */
export async function applyKernelSchema(options: { url: string; prefix: string; query: Query; log: DatabaseLog }): Promise<void> {
  const orm = await openOrm({ url: options.url, prefix: options.prefix, entities: kernelEntities, poolMax: 2, log: options.log, applicationName: 'proofpix-boot' });
  try {
    const sql = await orm.schema.getUpdateSchemaSQL({ schema: kernelSchema, safe: true, wrap: false });
    if (sql.trim() !== '') await options.query(sql);
  } finally {
    await orm.close(true);
  }
}
