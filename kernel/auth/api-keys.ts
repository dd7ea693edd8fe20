import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { Unauthorized } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { boundedMap } from './bounded-map.ts';
import type { AuthChanges } from './changes.ts';

/** Keys look like `px_<id>_<secret>`: 16 and 32 bytes, in hex and base64url. */
const shape = /^px_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
const maxCached = 10_000;

export interface NewApiKey {
  tenantId: string;
  userId: string;
  name: string;
  /** permissions it is limited to; null is no limit */
  scope: readonly string[] | null;
  expiresAt: Date | null;
}

export interface ApiKeys {
  /** The key is shown once and kept as a hash. */
  issue(key: NewApiKey): Promise<{ id: string; key: string }>;
  revoke(tenantId: string, keyId: string): Promise<boolean>;
  /**
   * @returns the key's id
   * @throws UNAUTHORIZED for anything but the secret of an existing key; whether it still counts is the identity's matter
   */
  check(key: string): Promise<string>;
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const uuidOf = (hex: string): string => [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

export function apiKeys({ database, changes }: { database: Database; changes: AuthChanges }): ApiKeys {
  /** a key's hash never changes; only ids that exist are kept */
  const hashes = boundedMap<Buffer>(maxCached);

  async function hashOf(id: string): Promise<Buffer | null> {
    const cached = hashes.get(id);
    if (cached !== undefined) return cached;
    const [row] = await database.system((em) => statement<{ hash: Buffer }>(em, 'select hash from kernel.api_keys where id = $1', [id]));
    if (row !== undefined) hashes.set(id, row.hash);
    return row?.hash ?? null;
  }

  return {
    async issue({ tenantId, userId, name, scope, expiresAt }) {
      const id = randomUUID();
      const secret = randomBytes(32).toString('base64url');
      await database.system((em) =>
        statement(em, 'insert into kernel.api_keys (id, tenant_id, user_id, name, hash, scope, expires_at) values ($1, $2, $3, $4, $5, $6::jsonb, $7)', [id, tenantId, userId, name, digest(secret), scope === null ? null : JSON.stringify(scope), expiresAt?.toISOString() ?? null]));
      return { id, key: `px_${id.replaceAll('-', '')}_${secret}` };
    },
    async revoke(tenantId, keyId) {
      const isRevoked = await database.system(async (em) => {
        const rows = await statement(em, 'update kernel.api_keys set revoked_at = now() where tenant_id = $1 and id = $2 and revoked_at is null returning id', [tenantId, keyId]);
        if (rows.length > 0) await changes.record(em, { revoked: true, credentialId: keyId });
        return rows.length > 0;
      });
      await changes.catchUp();
      return isRevoked;
    },
    async check(key) {
      const [, hex = '', secret = ''] = shape.exec(key) ?? [];
      const id = uuidOf(hex);
      const stored = hex === '' ? null : await hashOf(id);
      if (stored === null || !timingSafeEqual(stored, digest(secret))) throw Unauthorized({ message: 'The API key is not valid.' });
      return id;
    },
  };
}
