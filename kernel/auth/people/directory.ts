import { Forbidden, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Actor } from './actor.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface PeopleQuery {
  /** `team` is the actor's; `deployment` is everybody, for operators */
  scope: 'team' | 'deployment';
  /** beginnings of words of the name or the address; all must be there */
  search?: string | undefined;
  /** `suspended` in a team: by the deployment or by the team; `leaving`: the account's end was asked for */
  status?: 'active' | 'suspended' | 'leaving' | undefined;
  /** in a team only: a built-in role or a custom role's id */
  role?: string | undefined;
  sort: 'name' | 'email' | 'createdAt';
  order: 'asc' | 'desc';
  /** 1 to 200 */
  limit: number;
  cursor?: string | null | undefined;
}

export interface PersonEntry {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  status: 'active' | 'suspended';
  /** Null in a list of the deployment. */
  role: string | null;
  /** Null in a list of the deployment. */
  joinedAt: string | null;
  operator: boolean;
  createdAt: string;
  lastLoginAt: string | null;
  eraseAt: string | null;
}

export interface PeopleDirectory {
  /** @throws FORBIDDEN, VALIDATION_ERROR */
  list(actor: Actor, query: PeopleQuery): Promise<{ items: PersonEntry[]; nextCursor: string | null }>;
}

const maxWords = 5;
const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
/** The expressions of the indexes, so that a page starts where the last one ended without reading what is before. */
const sortKeys = {
  name: ['lower(u.last_name) collate "C"', 'lower(u.first_name) collate "C"', 'u.id'],
  email: ['u.email collate "C"', 'u.id'],
  createdAt: ['u.created_at', 'u.id'],
} as const;
const typeOf = (expression: string): 'uuid' | 'moment' | 'text' => (expression === 'u.id' ? 'uuid' : expression === 'u.created_at' ? 'moment' : 'text');
const casts = { uuid: '::uuid', moment: '::timestamptz', text: '' } as const;
const shown = (expression: string): string => (expression === 'u.created_at' ? moment(expression) : `(${expression})::text`);
const likeStart = (word: string): string => `${word.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;

function wordsOf(search: string): string[] {
  const words = search.normalize('NFC').toLowerCase().trim().split(/\s+/).filter((word) => word !== '');
  if (words.length > maxWords || search.includes('\0') || !search.isWellFormed()) throw ValidationError({ message: 'The search is not valid.', details: { field: 'query.search', issue: `must be at most ${maxWords} words` } });
  return words;
}

/** People by page. Built of fixed pieces; everything that was given is a bound parameter. */
export function peopleDirectory({ database }: { database: Database }): PeopleDirectory {
  return {
    async list(actor, { scope, search, status, role, sort, order, limit, cursor }) {
      const inTeam = scope === 'team';
      if (!inTeam && !actor.principal.operator) throw Forbidden({ message: 'Only an operator sees everybody.' });
      if (inTeam && actor.tenantId === null) throw Forbidden({ message: 'This needs a team: name one with X-Team-Id.', details: { field: 'headers.x-team-id', issue: 'is required' } });
      if (!inTeam && role !== undefined) throw ValidationError({ message: 'Only members of a team have a role.', details: { field: 'query.role', issue: 'needs scope=team' } });
      const parameters: unknown[] = [];
      const bound = (value: unknown): string => `$${parameters.push(value)}`;
      const where: string[] = [];
      if (inTeam) where.push(`m.tenant_id = ${bound(actor.tenantId)}`);
      for (const word of wordsOf(search ?? '')) {
        const start = bound(likeStart(word));
        where.push(`(u.email collate "C" like ${start} or lower(u.first_name) collate "C" like ${start} or lower(u.last_name) collate "C" like ${start})`);
      }
      const suspended = inTeam ? `(u.status = 'suspended' or m.suspended_at is not null)` : `u.status = 'suspended'`;
      if (status === 'leaving') where.push('u.erase_at is not null');
      else if (status !== undefined) where.push(status === 'suspended' ? suspended : `not ${suspended}`);
      if (role !== undefined) {
        const wanted = bound(role);
        where.push(`(m.role = ${wanted} or exists (select 1 from kernel.role_assignments a where a.tenant_id = m.tenant_id and a.user_id = m.user_id and a.role_id::text = ${wanted}))`);
      }
      const key = sortKeys[sort];
      if (cursor != null) {
        const types = key.map(typeOf);
        const from = decodeCursor(cursor, types).map((value, at) => `${bound(value)}${casts[types[at] ?? 'text']}`);
        where.push(`(${key.join(', ')}) ${order === 'asc' ? '>' : '<'} (${from.join(', ')})`);
      }
      const rows = await database.system((em) =>
        statement<PersonEntry & { key: string[] }>(
          em,
          `select u.id, u.email, u.first_name as "firstName", u.last_name as "lastName", case when ${suspended} then 'suspended' else 'active' end as status,
             ${inTeam ? `m.role, ${moment('m.created_at')} as "joinedAt"` : 'null as role, null as "joinedAt"'}, u.operator,
             ${moment('u.created_at')} as "createdAt", ${moment('u.last_login_at')} as "lastLoginAt", ${moment('u.erase_at')} as "eraseAt",
             array[${key.map(shown).join(', ')}] as key
           from ${inTeam ? 'kernel.memberships m join kernel.users u on u.id = m.user_id' : 'kernel.users u'}
           ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
           order by ${key.map((expression) => `${expression} ${order}`).join(', ')} limit ${bound(limit + 1)}`,
          parameters,
        ),
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return { items: page.map(({ key: _key, ...entry }) => entry), nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.key) : null };
    },
  };
}
