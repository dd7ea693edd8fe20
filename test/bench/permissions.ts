import { registerUser, testAuth } from '../support/auth.ts';
import { statement } from '../../kernel/database/statement.ts';
import { type BenchRow, median, oursAtMost, quantile, withTeardown } from './support.ts';

const members = 100_000;
const roles = 1_000;
const decisions = 1_000;
const warmRounds = 20;
const uuidOf = (kind: string, text: string): string => `('00000000-0000-4000-${kind}-' || lpad(${text}, 12, '0'))::uuid`;

/** A team of {@link members}, each with a built-in role and three of {@link roles} custom ones. */
async function fill(database: Awaited<ReturnType<typeof testAuth>>['database'], tenantId: string): Promise<void> {
  await database.system(async (em) => {
    await statement(em, `insert into kernel.users (id, email, first_name, last_name, status, operator)
      select ${uuidOf('8001', 'n::text')}, 'member' || n || '@example.com', 'Member', n::text, 'active', false from generate_series(1, ${members}) n`);
    await statement(em, `insert into kernel.memberships (tenant_id, user_id, role) select $1, ${uuidOf('8001', 'n::text')}, 'viewer' from generate_series(1, ${members}) n`, [tenantId]);
    await statement(em, `insert into kernel.roles (tenant_id, id, name, permissions)
      select $1, ${uuidOf('8002', 'n::text')}, 'Role ' || n, case when n % 2 = 0 then '["files:delete"]'::jsonb else '["files:read"]'::jsonb end from generate_series(0, ${roles - 1}) n`, [tenantId]);
    await statement(em, `insert into kernel.role_assignments (tenant_id, user_id, role_id)
      select $1, ${uuidOf('8001', 'n::text')}, ${uuidOf('8002', `((n + k * 333) % ${roles})::text`)} from generate_series(1, ${members}) n, generate_series(0, 2) k`, [tenantId]);
  });
  await database.boot((query) => query('analyze'));
}

const memberId = (n: number): string => `00000000-0000-4000-8001-${String(n).padStart(12, '0')}`;

/** What a decision costs in a large team: from the user's id, so that who they are is looked up as well. */
export async function benchPermissions(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const { auth, database } = await testAuth(t);
    const { tenantId } = await registerUser(auth);
    await fill(database, tenantId);
    const node = (await testAuth(t, { database })).auth;
    await node.identityOf(memberId(members), tenantId);

    async function decide(n: number): Promise<number> {
      const start = performance.now();
      const identity = await node.identityOf(memberId(n), tenantId);
      if (identity === null) throw new Error(`member ${n} is none`);
      await node.can(identity, 'files:delete');
      return performance.now() - start;
    }
    /** The least that could be asked of the database: one row by its key. */
    async function read(n: number): Promise<number> {
      const start = performance.now();
      await database.system((em) => statement(em, 'select role from kernel.memberships where tenant_id = $1 and user_id = $2', [tenantId, memberId(n)]));
      return performance.now() - start;
    }
    // each of these people, and the first of each of these roles, is new to the node
    const cold: number[] = [];
    const reads: number[] = [];
    for (let n = 1; n <= decisions; n += 1) {
      cold.push(await decide(n * 97));
      reads.push(await read(n * 97 + 1));
    }
    const warm: number[] = [];
    for (let round = 0; round < warmRounds; round += 1) for (let n = 1; n <= decisions; n += 1) warm.push(await decide(n * 97));
    const one = await node.identityOf(memberId(97), tenantId);
    if (one === null) throw new Error('member 97 is none');
    const explained: number[] = [];
    for (let round = 0; round < decisions * warmRounds; round += 1) {
      const start = performance.now();
      await node.explain(one, 'files:delete');
      explained.push(performance.now() - start);
    }
    const team = `${members.toLocaleString('en-US')} members and ${roles.toLocaleString('en-US')} roles`;
    const row = (name: string, ours: number, atMost: number, baseline: number | null = null): BenchRow => ({ name, unit: 'ms', ours, baseline, ratio: baseline === null ? null : ours / baseline, target: oursAtMost(atMost) });
    return [
      row(`permission check, ${team}, cold vs one row by its key, p50`, median(cold), 5, median(reads)),
      row('permission check, cold vs one row by its key, p99', quantile(cold, 0.99), 5, quantile(reads, 0.99)),
      row('permission check, warm, p50', median(warm), 0.05),
      row('permission check, warm, p99', quantile(warm, 0.99), 5),
      row('explanation, warm, p50', median(explained), 0.05),
    ];
  });
}
