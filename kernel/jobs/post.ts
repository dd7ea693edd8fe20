import { Conflict } from '@proofpix/sdk';
import type { PgBoss } from 'pg-boss';
import { type BossConnection, bossSchema } from './boss.ts';
import type { Posting } from './outgoing.ts';

const heldKeySql = `select id from ${bossSchema}.job where name = $1 and singleton_key = $2 and state = 'created' and policy = 'short'`;
const maxTries = 3;

/** Inserts jobs through `db`; answers their ids in order, where a singleton key is taken the waiting job's. */
export async function post(boss: PgBoss, postings: readonly Posting[], db: BossConnection): Promise<string[]> {
  const ids = postings.map((posting) => posting.insert.id);
  for (const [queue, group] of Map.groupBy(postings, (posting) => posting.queue)) {
    const keyed = group.filter(({ insert }) => insert.singletonKey !== undefined);
    const inserted = await boss.insert(queue, group.map(({ insert }) => insert), { db, returnId: keyed.length > 0 });
    if (keyed.length === 0) continue;
    const landed = new Set(inserted);
    for (const posting of keyed) if (!landed.has(posting.insert.id)) ids[postings.indexOf(posting)] = await waitingOrNew(boss, posting, db);
  }
  return ids;
}

/** The job that holds the key, or ours when that one was started meanwhile. */
async function waitingOrNew(boss: PgBoss, { queue, insert }: Posting, db: BossConnection): Promise<string> {
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    const { rows } = await db.executeSql(heldKeySql, [queue, insert.singletonKey]);
    const [held] = rows as { id: string }[];
    if (held) return held.id;
    const inserted = await boss.insert(queue, [insert], { db, returnId: true });
    if (inserted?.length) return insert.id;
  }
  throw Conflict({ message: 'Another job with this singleton key is being sent.' });
}
