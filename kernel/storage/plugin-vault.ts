import { randomBytes } from 'node:crypto';
import { SealInvalid } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Owner, Vault } from './contract.ts';
import { type EnvelopeKey, envelopeKeyId, openEnvelope, sealEnvelope } from './envelope.ts';

/** No name that a manifest can declare. */
const keyName = 'vault key';
const idBytes = 16;
const keyBytes = 32;
/** A sealed value of 64 KiB has about 88,000 characters. */
const maxSealedLength = 100_000;

/** What plugins seal and keep themselves. */
export interface PluginVault {
  /** Text-safe (base64url), and different each time. */
  seal(owner: Owner, plain: string, context: string): Promise<string>;
  /** @throws SEAL_INVALID when it was changed, or sealed for another tenant, plugin or context */
  open(owner: Owner, sealed: string, context: string): Promise<string>;
}

const keyContext = ({ tenantId, pluginId }: Owner): string => `plugin vault key ${tenantId} ${pluginId}`;
const contentContext = ({ tenantId, pluginId }: Owner, context: string): string => `plugin vault ${tenantId} ${pluginId} ${context}`;

/**
 * Each tenant's plugin has a key of its own, kept among its secrets: a rotation of the master key rewraps it without
 * seeing what it sealed, wherever a plugin has put that, and a purge makes all of it unreadable. The key is read each
 * time, because another node may have purged it.
 */
export function openPluginVault({ database, vault }: { database: Database; vault: Vault }): PluginVault {
  async function storedKey(owner: Owner): Promise<EnvelopeKey | null> {
    const [row] = await database.tenant(owner.tenantId, (em) =>
      statement<{ sealed: Buffer }>(em, 'select sealed from kernel.secrets where tenant_id = $1 and plugin_id = $2 and name = $3', [owner.tenantId, owner.pluginId, keyName]));
    if (row === undefined) return null;
    const both = Buffer.from(await vault.open(row.sealed, keyContext(owner)));
    return { id: both.toString('hex', 0, idBytes), key: both.subarray(idBytes) };
  }

  async function ownKey(owner: Owner): Promise<EnvelopeKey> {
    const found = await storedKey(owner);
    if (found !== null) return found;
    const sealed = await vault.seal(randomBytes(idBytes + keyBytes), keyContext(owner));
    // who comes second takes the first one's
    await database.tenant(owner.tenantId, (em) =>
      statement(em, 'insert into kernel.secrets (tenant_id, plugin_id, name, sealed) values ($1, $2, $3, $4) on conflict (tenant_id, plugin_id, name) do nothing', [owner.tenantId, owner.pluginId, keyName, Buffer.from(sealed)]));
    return ownKey(owner);
  }

  return {
    async seal(owner, plain, context) {
      return sealEnvelope(await ownKey(owner), Buffer.from(plain), contentContext(owner, context)).toString('base64url');
    },
    async open(owner, sealed, context) {
      const bytes = Buffer.from(sealed.length > maxSealedLength ? '' : sealed, 'base64url');
      const key = await storedKey(owner);
      if (key === null) throw SealInvalid();
      try {
        if (envelopeKeyId(bytes) !== key.id) throw new Error('The value names another key');
        return openEnvelope(key, bytes, contentContext(owner, context)).toString('utf8');
      } catch (cause) {
        throw SealInvalid({ cause });
      }
    },
  };
}
