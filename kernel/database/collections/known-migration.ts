import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Manifest } from '@proofpix/sdk';
import { bootLock } from '../boot-connection.ts';
import { statement } from '../statement.ts';

/** What of a manifest decides how its schema looks. */
export function fingerprintOf(manifest: Manifest): string {
  return createHash('sha256').update(JSON.stringify([manifest.collections, manifest.migrations.drop])).digest('hex');
}

/**
 * Whether the schema is as this version needs it, known from the records of migrations alone: they name this version,
 * or another one with the same collections, whose record then counts for this one too. False also when somebody
 * migrates just now: then the answer takes the lock.
 *
 * @param em in a transaction of the system role
 */
export async function isKnownMigration(em: EntityManager, manifest: Manifest): Promise<boolean> {
  const same = [manifest.id, fingerprintOf(manifest), manifest.version];
  const [found] = await statement<{ own: boolean }>(em, `select version = $3 as own from kernel.plugin_migrations where plugin_id = $1 and fingerprint = $2 and deferred = '[]' order by 1 desc limit 1`, same);
  if (found === undefined || found.own) return found !== undefined;
  // a contraction forgets the other versions under this lock: none may be added behind its back
  const [lock] = await statement<{ got: boolean }>(em, 'select pg_try_advisory_xact_lock($1) as got', [bootLock]);
  if (lock?.got !== true) return false;
  const added = await statement(
    em,
    `insert into kernel.plugin_migrations (plugin_id, version, fingerprint, statements, deferred)
     select plugin_id, $3, fingerprint, '[]', '[]' from kernel.plugin_migrations where plugin_id = $1 and fingerprint = $2 and deferred = '[]' limit 1
     on conflict (plugin_id, version) do update set fingerprint = excluded.fingerprint, deferred = excluded.deferred, applied_at = now()
     returning version`,
    same,
  );
  return added.length > 0;
}
