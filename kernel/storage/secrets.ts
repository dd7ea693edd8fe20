import type { EntityManager } from '@mikro-orm/postgresql';
import { ValidationError } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Owner, SecretStore, Vault } from './contract.ts';

const maxNameLength = 256;
const maxValueBytes = 64 * 1024;

const contextOf = (owner: Owner, name: string): string => `secret ${owner.tenantId} ${owner.pluginId} ${name}`;

function requireName(name: string): void {
  if (name.length === 0 || name.length > maxNameLength || name.includes('\0') || !name.isWellFormed()) {
    throw ValidationError({ message: 'The name of a secret is not valid.', details: { field: 'name', issue: `must be 1 to ${maxNameLength} characters without NUL` } });
  }
}

const scope = ({ tenantId, pluginId }: Owner): unknown[] => [tenantId, pluginId];

async function write(em: EntityManager, owner: Owner, name: string, sealed: Uint8Array | null): Promise<void> {
  if (sealed === null) {
    await statement(em, 'delete from kernel.secrets where tenant_id = $1 and plugin_id = $2 and name = $3', [...scope(owner), name]);
    return;
  }
  await statement(
    em,
    `insert into kernel.secrets (tenant_id, plugin_id, name, sealed) values ($1, $2, $3, $4)
     on conflict (tenant_id, plugin_id, name) do update set sealed = excluded.sealed, updated_at = now()`,
    [...scope(owner), name, Buffer.from(sealed)],
  );
}

/**
 * Secrets of plugins per tenant, encrypted by the vault. The envelope is bound to tenant, plugin and name: a row moved
 * elsewhere in the table does not open.
 */
export function openSecrets({ database, vault }: { database: Database; vault: Vault }): SecretStore {
  return {
    async has(owner, name) {
      requireName(name);
      const rows = await database.tenant(owner.tenantId, (em) =>
        statement(em, 'select 1 from kernel.secrets where tenant_id = $1 and plugin_id = $2 and name = $3', [...scope(owner), name]));
      return rows.length > 0;
    },
    async get(owner, name) {
      requireName(name);
      const [row] = await database.tenant(owner.tenantId, (em) =>
        statement<{ sealed: Buffer }>(em, 'select sealed from kernel.secrets where tenant_id = $1 and plugin_id = $2 and name = $3', [...scope(owner), name]));
      return row === undefined ? null : Buffer.from(await vault.open(row.sealed, contextOf(owner, name))).toString('utf8');
    },
    async set(owner, name, value, em) {
      requireName(name);
      if (value !== null && Buffer.byteLength(value) > maxValueBytes) {
        throw ValidationError({ message: 'The secret is too long.', details: { field: 'value', issue: `must be at most ${maxValueBytes} bytes` } });
      }
      const sealed = value === null ? null : await vault.seal(Buffer.from(value), contextOf(owner, name));
      await (em === undefined ? database.tenant(owner.tenantId, (own) => write(own, owner, name, sealed)) : write(em, owner, name, sealed));
    },
    async purge(owner) {
      await database.tenant(owner.tenantId, (em) => statement(em, 'delete from kernel.secrets where tenant_id = $1 and plugin_id = $2', scope(owner)));
    },
  };
}
