import { kernelIdentity, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { PluginCall } from '../call.ts';
import { tenantOf } from '../host/host-call.ts';
import type { KernelService } from '../services.ts';

const pageSize = 50;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface UserRow {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
}

interface MemberRow extends UserRow {
  role: string;
  joined_at: Date;
}

/** `kernel.identity`: people of the call's tenant, and of no other. */
export function identityService({ database }: { database: Database }): KernelService {
  const methods = {
    async getUser(call: PluginCall, { userId }: { userId: string }) {
      const [user] = await database.system((em) =>
        statement<UserRow>(em, 'select u.id, u.email, u.first_name, u.last_name from kernel.users u join kernel.memberships m on m.user_id = u.id where m.tenant_id = $1 and u.id = $2', [tenantOf(call), userId]),
      );
      return user === undefined ? null : { id: user.id, email: user.email, firstName: user.first_name, lastName: user.last_name };
    },
    async listMembers(call: PluginCall, { limit = pageSize, cursor }: { limit?: number; cursor?: string | null }) {
      if (cursor != null && !uuid.test(cursor)) throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'cursor', issue: 'is not a cursor' } });
      const rows = await database.system((em) =>
        statement<MemberRow>(em, `select u.id, u.email, u.first_name, u.last_name, m.role, m.created_at as joined_at from kernel.memberships m join kernel.users u on u.id = m.user_id
           where m.tenant_id = $1 and m.user_id > $2 order by m.user_id limit $3`,
          [tenantOf(call), cursor ?? '00000000-0000-0000-0000-000000000000', limit + 1],
        ),
      );
      const page = rows.slice(0, limit);
      return {
        items: page.map((row) => ({ userId: row.id, email: row.email, firstName: row.first_name, lastName: row.last_name, role: row.role, joinedAt: new Date(row.joined_at).toISOString() })),
        nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
  };
  return { ref: kernelIdentity, capability: 'kernel:identity', methods: methods as unknown as KernelService['methods'] };
}
