import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, Forbidden, type JsonObject, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import { createAddressList } from '../../http/address-list.ts';
import type { Vault } from '../../storage/contract.ts';
import type { AuthChange, AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { CallerOf } from '../sign-in.ts';
import { digestOfSecret } from './key-check.ts';
import { formatKey, secretText } from './key-format.ts';
import { type KeyPage, type KeyQuery, listKeys } from './key-list.ts';
import { openSigning, sealSigning } from './key-records.ts';
import { type Holder, keyRights } from './key-rights.ts';
import type { KeyUsage, UsageReport } from './key-usage.ts';
import { findKey, type KeyRow, type KeyView, toKeyView } from './key-view.ts';

export interface NewKey {
  name: string;
  /** what the key may do at most; the user's own role always bounds it as well */
  permissions: readonly string[];
  /** null for never */
  expiresAt: Date | null;
  /** addresses and CIDR ranges; empty is any */
  addresses: readonly string[];
  /** null is the deployment's limit */
  requestsPerMinute: number | null;
  signsRequests: boolean;
}

/** The only time that a secret is seen. */
export interface KeyWithSecret extends KeyView {
  key: string;
  /** for HMAC; null when requests are not signed */
  signingSecret: string | null;
}

/** API keys of users in tenants. Each change takes effect on this node when the call resolves, on the others within a second. */
export interface ApiKeys {
  /** @throws FORBIDDEN for a permission that the user lacks; VALIDATION_ERROR; CONFLICT at {@link maxKeysPerUser} */
  generate(holder: Holder, key: NewKey, caller: CallerOf): Promise<KeyWithSecret>;
  list(holder: Holder, query: KeyQuery): Promise<KeyPage>;
  /** The old secret stays good for so long, 0 to 7 days; one that was replaced earlier ends now. @throws NOT_FOUND, FORBIDDEN, CONFLICT for an ended key */
  rotate(holder: Holder, keyId: string, overlapSeconds: number, caller: CallerOf): Promise<KeyWithSecret>;
  /** A key that has been revoked stays so. @throws NOT_FOUND, FORBIDDEN */
  revoke(holder: Holder, keyId: string, caller: CallerOf): Promise<KeyView>;
  /** Replaces the permissions. @throws NOT_FOUND, FORBIDDEN, CONFLICT for an ended key */
  setPermissions(holder: Holder, keyId: string, permissions: readonly string[], caller: CallerOf): Promise<KeyView>;
  /** @throws NOT_FOUND */
  usage(holder: Holder, keyId: string, from: string, to: string): Promise<UsageReport>;
}

export interface ApiKeysOptions {
  database: Database;
  vault: Vault;
  changes: AuthChanges;
  audit: Auth['audit'];
  can: Auth['can'];
  usage: KeyUsage;
  /** marks the deployment's keys */
  environment: string;
}

/** Keys in force of one user in one tenant. */
export const maxKeysPerUser = 100;

const newSecret = (): string => secretText(randomBytes(32));
const newSigningSecret = (): string => `pxs_${secretText(randomBytes(32))}`;
const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

function requireAddresses(addresses: readonly string[]): void {
  try {
    createAddressList({ allow: addresses, deny: [] });
  } catch (error) {
    throw ValidationError({ details: { field: 'body.addresses', issue: error instanceof Error ? error.message : 'is not a list of addresses' } });
  }
}

function requireActive(key: KeyRow): void {
  if (key.status !== 'active') throw Conflict({ message: `The API key is ${key.status}.`, details: { status: key.status } });
}

export function apiKeys(options: ApiKeysOptions): ApiKeys {
  const { database, vault, changes, audit, usage, environment } = options;
  const rights = keyRights({ can: options.can });
  const view = (row: KeyRow): KeyView => toKeyView(environment, row);

  const record = (em: EntityManager, holder: Holder, action: string, key: Pick<KeyRow, 'id' | 'name' | 'userId'>, caller: CallerOf, details: JsonObject = {}): Promise<void> =>
    audit({ tenantId: holder.tenantId, actor: { ...holder.principal, impersonatorId: holder.impersonatorId }, action: `keys.${action}`, target: key.id, details: { name: key.name, userId: key.userId, address: caller.address, ...details }, requestId: caller.requestId }, em);

  async function change<T>(work: (em: EntityManager) => Promise<{ result: T; change: AuthChange | null }>): Promise<T> {
    const result = await database.system(async (em) => {
      const done = await work(em);
      if (done.change !== null) await changes.record(em, done.change);
      return done.result;
    });
    await changes.catchUp();
    return result;
  }

  /** Rights are looked up before the transaction: they may need a connection of their own. Nothing they rest on but the status changes in between. */
  const find = async (tenantId: string, keyId: string): Promise<KeyRow | null> => database.system((em) => findKey(em, tenantId, keyId));

  const read = async (em: EntityManager, tenantId: string, keyId: string): Promise<KeyRow> => {
    const row = await findKey(em, tenantId, keyId, { lock: true });
    if (row === null) throw new Error('an API key vanished within its transaction');
    return row;
  };

  return {
    async generate(holder, key, caller) {
      rights.requirePerson(holder);
      if (!(await options.can(holder, 'keys:create'))) throw Forbidden({ message: 'The permission keys:create is missing.', details: { permission: 'keys:create' } });
      const permissions = unique(key.permissions);
      await rights.requireHeld(holder, permissions);
      requireAddresses(key.addresses);
      if (key.expiresAt !== null && !(key.expiresAt.getTime() > Date.now())) throw ValidationError({ details: { field: 'body.expiresAt', issue: 'must be in the future' } });
      const keyId = randomUUID();
      const secret = newSecret();
      const signingSecret = key.signsRequests ? newSigningSecret() : null;
      const sealed = signingSecret === null ? null : await sealSigning(vault, keyId, { current: signingSecret, previous: null });
      const addresses = key.addresses.length === 0 ? null : JSON.stringify(unique(key.addresses));
      const row = await database.system(async (em) => {
        await statement(em, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [`api keys ${holder.tenantId} ${holder.principal.userId}`]);
        const live = await statement(em, `select 1 from kernel.api_keys where tenant_id = $1 and user_id = $2 and revoked_at is null and (expires_at is null or expires_at > now()) limit ${maxKeysPerUser}`, [holder.tenantId, holder.principal.userId]);
        if (live.length >= maxKeysPerUser) throw Conflict({ message: `A user has at most ${maxKeysPerUser} API keys in a team: revoke one first.`, details: { max: maxKeysPerUser } });
        await statement(
          em,
          `insert into kernel.api_keys (id, tenant_id, user_id, name, hash, scope, addresses, requests_per_minute, signing_sealed, expires_at) values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10)`,
          [keyId, holder.tenantId, holder.principal.userId, key.name, digestOfSecret(secret), JSON.stringify(permissions), addresses, key.requestsPerMinute, sealed, key.expiresAt?.toISOString() ?? null],
        );
        const made = await read(em, holder.tenantId, keyId);
        await record(em, holder, 'generated', made, caller, { permissions, addresses: made.addresses, requestsPerMinute: made.requestsPerMinute, signsRequests: made.signsRequests, expiresAt: made.expiresAt });
        return made;
      });
      return { ...view(row), key: formatKey({ environment, keyId, secret }), signingSecret };
    },

    list: (holder, query) => listKeys({ database, environment, rights }, holder, query),

    async rotate(holder, keyId, overlapSeconds, caller) {
      await rights.requireManage(holder, await find(holder.tenantId, keyId), 'rotate');
      return change(async (em) => {
        requireActive(await read(em, holder.tenantId, keyId));
        const secret = newSecret();
        const [before] = await statement<{ signingSealed: Buffer | null }>(em, 'select signing_sealed as "signingSealed" from kernel.api_keys where id = $1', [keyId]);
        const signingSecret = before?.signingSealed == null ? null : newSigningSecret();
        const sealed = signingSecret === null || before?.signingSealed == null ? null : await sealSigning(vault, keyId, { current: signingSecret, previous: overlapSeconds === 0 ? null : (await openSigning(vault, keyId, before.signingSealed)).current });
        await statement(
          em,
          `update kernel.api_keys set previous_hash = case when $3 > 0 then hash end, previous_until = case when $3 > 0 then now() + $3 * interval '1 second' end,
             hash = $2, signing_sealed = $4, rotated_at = now() where id = $1`,
          [keyId, digestOfSecret(secret), overlapSeconds, sealed],
        );
        const row = await read(em, holder.tenantId, keyId);
        await record(em, holder, 'rotated', row, caller, { overlapSeconds });
        // without an overlap whoever came in by the old secret is out, sockets too
        return { result: { ...view(row), key: formatKey({ environment, keyId, secret }), signingSecret }, change: { revoked: overlapSeconds === 0, credentialId: keyId } };
      });
    },

    async revoke(holder, keyId, caller) {
      await rights.requireManage(holder, await find(holder.tenantId, keyId), 'revoke');
      return change(async (em) => {
        const key = await read(em, holder.tenantId, keyId);
        if (key.status === 'revoked') return { result: view(key), change: null };
        await statement(em, 'update kernel.api_keys set revoked_at = now(), previous_hash = null, previous_until = null where id = $1', [keyId]);
        const row = await read(em, holder.tenantId, keyId);
        await record(em, holder, 'revoked', row, caller);
        return { result: view(row), change: { revoked: true, credentialId: keyId } };
      });
    },

    async setPermissions(holder, keyId, given, caller) {
      const permissions = unique(given);
      await rights.requirePermissions(holder, await find(holder.tenantId, keyId), permissions);
      return change(async (em) => {
        const key = await read(em, holder.tenantId, keyId);
        requireActive(key);
        rights.requireNarrower(holder, key, permissions);
        await statement(em, 'update kernel.api_keys set scope = $2::jsonb where id = $1', [keyId, JSON.stringify(permissions)]);
        const row = await read(em, holder.tenantId, keyId);
        await record(em, holder, 'permissions-changed', row, caller, { before: key.permissions, after: permissions });
        return { result: view(row), change: { revoked: false, credentialId: keyId } };
      });
    },

    async usage(holder, keyId, from, to) {
      await rights.requireSight(holder, await find(holder.tenantId, keyId));
      return usage.read(holder.tenantId, keyId, from, to);
    },
  };
}
