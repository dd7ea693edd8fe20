import type { EntityManager } from '@mikro-orm/postgresql';
import { Forbidden } from '@proofpix/sdk';
import { statement } from '../../database/statement.ts';

/** Asks the database, not the call: work that waited in a queue must not outlive the right to do it. @throws FORBIDDEN */
export async function requireOperator(em: EntityManager, userId: string): Promise<void> {
  const [row] = await statement(em, `select 1 from kernel.users where id = $1 and operator and status = 'active'`, [userId]);
  if (row === undefined) throw Forbidden({ message: 'Only an operator may do this.' });
}
