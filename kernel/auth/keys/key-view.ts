import type { EntityManager } from '@mikro-orm/postgresql';
import { statement } from '../../database/statement.ts';
import { hintOf } from './key-format.ts';

/** An API key as the API shows one: everything but its secrets. */
export interface KeyView {
  id: string;
  name: string;
  /** how it begins; the same after a rotation */
  hint: string;
  userId: string;
  /** null is no limit beyond the user's own role */
  permissions: string[] | null;
  addresses: string[] | null;
  requestsPerMinute: number | null;
  signsRequests: boolean;
  status: 'active' | 'expired' | 'revoked';
  /** RFC 3339, as all times here */
  createdAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
  rotatedAt: string | null;
  /** until when the secret before the last rotation is good */
  previousUntil: string | null;
  revokedAt: string | null;
}

export type KeyRow = Omit<KeyView, 'hint'> & { position: string };

const time = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const keyColumns = `id, name, user_id as "userId", scope as permissions, addresses, requests_per_minute as "requestsPerMinute", signing_sealed is not null as "signsRequests",
  case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end as status,
  ${time('created_at')} as "createdAt", ${time('last_used_at')} as "lastUsedAt", ${time('expires_at')} as "expiresAt", ${time('rotated_at')} as "rotatedAt",
  case when previous_until > now() then ${time('previous_until')} end as "previousUntil", ${time('revoked_at')} as "revokedAt",
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position`;

export function toKeyView(environment: string, { position: _position, ...row }: KeyRow): KeyView {
  return { ...row, hint: hintOf(environment, row.id) };
}

/** A key of the tenant; with `lock` nobody else changes it until the transaction ends. */
export async function findKey(em: EntityManager, tenantId: string, keyId: string, { lock = false } = {}): Promise<KeyRow | null> {
  const [row] = await statement<KeyRow>(em, `select ${keyColumns} from kernel.api_keys where tenant_id = $1 and id = $2${lock ? ' for update' : ''}`, [tenantId, keyId]);
  return row ?? null;
}
