import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import { type Actor, personOf, selfOf } from './actor.ts';

export interface AvatarImage {
  /** edge in pixels */
  size: number;
  content: Buffer;
}

/** Pictures of people, as small WebP squares. */
export interface Avatars {
  /** Replaces the actor's own picture, all sizes at once. */
  put(actor: Actor, images: readonly AvatarImage[], write: (em: EntityManager) => Promise<void>): Promise<void>;
  remove(actor: Actor, write: (em: EntityManager) => Promise<void>): Promise<boolean>;
  /**
   * The smallest picture that is not smaller than `size`, or the largest there is. Null without one, and for whoever
   * is neither the actor nor a member of the actor's team, unless an operator asks.
   */
  get(actor: Actor, userId: string, size: number): Promise<(AvatarImage & { sha256: string }) | null>;
}

const visibleSql = `select a.size, a.content, a.sha256 from kernel.avatars a
  where a.user_id = $1 and ($1 = $2 or $4 or exists (select 1 from kernel.memberships m where m.user_id = $1 and m.tenant_id = $3))
  order by a.size >= $5 desc, case when a.size >= $5 then a.size else -a.size end limit 1`;

export function avatars({ database }: { database: Database }): Avatars {
  return {
    async put(actor, images, write) {
      const userId = personOf(actor);
      await database.system(async (em) => {
        // one after the other: two uploads at once must not leave sizes of both
        await statement(em, 'select 1 from kernel.users where id = $1 for update', [userId]);
        await statement(em, 'delete from kernel.avatars where user_id = $1', [userId]);
        for (const { size, content } of images) {
          await statement(em, 'insert into kernel.avatars (user_id, size, content, sha256) values ($1, $2, $3, $4)', [userId, size, content, createHash('sha256').update(content).digest('hex')]);
        }
        await write(em);
      });
    },
    remove: (actor, write) =>
      database.system(async (em) => {
        const removed = await statementCount(em, 'delete from kernel.avatars where user_id = $1', [personOf(actor)]);
        if (removed > 0) await write(em);
        return removed > 0;
      }),
    async get(actor, userId, size) {
      const [row] = await database.system((em) => statement<AvatarImage & { sha256: string }>(em, visibleSql, [userId, selfOf(actor), actor.tenantId, actor.principal.operator, size]));
      return row ?? null;
    },
  };
}
