import { InternalError } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Vault } from './contract.ts';
import { type EnvelopeKey, envelopeKeyId, openEnvelope, sealEnvelope } from './envelope.ts';
import { masterKeyBytes } from './master-key.ts';
import { keyWrap, masterKeyId, newEnvelopeKey, type VaultKeyRow, vaultKeyColumns } from './vault-keys.ts';
import { type EnvelopeColumn, rotateVault } from './vault-rotation.ts';

export interface VaultOptions {
  masterKey: Buffer;
  database: Database;
  /** further tables that keep envelopes, besides `kernel.secrets`: a rotation rewraps them */
  columns?: readonly EnvelopeColumn[];
}

const wrongMasterKey = (): Error =>
  new Error('MASTER_KEY is not the one this database was set up with: secrets and signing keys would be lost, so this node does not start');

/**
 * Opens the deployment's vault; makes its first key-encryption key when there is none.
 *
 * @throws Error naming MASTER_KEY when the vault was made, or has been rotated to, another one
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { masterKey, database } = options;
  if (masterKey.length !== masterKeyBytes) throw new Error(`MASTER_KEY must be ${masterKeyBytes} bytes`);
  const wrapping = keyWrap(masterKey);
  const ownId = masterKeyId(masterKey);
  const keys = new Map<string, EnvelopeKey>();
  let activeId = '';

  async function load(): Promise<void> {
    const rows = await database.system(async (em) => {
      const first = newEnvelopeKey();
      await statement(em, 'insert into kernel.vault_keys (id, wrapped, master_key_id, active) select $1, $2, $3, true where not exists (select from kernel.vault_keys) on conflict do nothing', [first.id, wrapping.wrap(first), ownId]);
      return statement<VaultKeyRow>(em, `select ${vaultKeyColumns} from kernel.vault_keys`);
    });
    for (const row of rows) {
      if (row.masterKeyId !== ownId) throw wrongMasterKey();
      keys.set(row.id, wrapping.unwrap(row.id, row.wrapped));
      if (row.active) activeId = row.id;
    }
  }

  async function keyOf(sealed: Uint8Array): Promise<EnvelopeKey> {
    const id = envelopeKeyId(sealed);
    // another node may have begun a rotation since
    if (!keys.has(id)) await load();
    const key = keys.get(id);
    if (key === undefined) throw new Error('The envelope names a key that the vault does not have');
    return key;
  }

  await load();
  return {
    async seal(plain, context) {
      const key = keys.get(activeId);
      if (key === undefined) throw InternalError();
      return sealEnvelope(key, plain, context);
    },
    async open(sealed, context) {
      try {
        return openEnvelope(await keyOf(sealed), sealed, context);
      } catch (cause) {
        throw InternalError({ cause });
      }
    },
    async rotate(newMasterKey) {
      await rotateVault({ database, masterKey, newMasterKey: Buffer.from(newMasterKey), columns: options.columns ?? [] });
      // this node keeps serving with the keys in memory until it is restarted with the new master key
    },
  };
}
