import { changeDeploymentKey } from '../database/roles.ts';
import { quoteIdentifier, roleNames } from '../database/role-names.ts';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { type EnvelopeKey, envelopeKeyId, envelopeKeyIdSql, rewrapEnvelope } from './envelope.ts';
import { masterKeyBytes } from './master-key.ts';
import { keyWrap, masterKeyId, newEnvelopeKey, type VaultKeyRow, vaultKeyColumns } from './vault-keys.ts';

/** A bytea column that holds envelopes. Names come from code, never from input. */
export interface EnvelopeColumn {
  /** schema-qualified */
  table: string;
  column: string;
}

const secretsColumn: EnvelopeColumn = { table: 'kernel.secrets', column: 'sealed' };
const batchRows = 200;

interface Rotation {
  database: Database;
  masterKey: Buffer;
  newMasterKey: Buffer;
  columns: readonly EnvelopeColumn[];
}

/**
 * Rewraps everything under a new master key, in three steps of which each may be repeated:
 *
 * 1. a new key-encryption key becomes the active one, marked with the master key it leads to;
 * 2. every envelope is rewrapped under it, a batch a transaction;
 * 3. in one transaction the key-encryption keys are wrapped by the new master key and the deployment's key check and
 *    serving password follow.
 *
 * Killed at any moment, the deployment still boots with exactly one of the two keys, and calling it again with the
 * same new key goes on where it stopped. Nodes must be restarted with the new key afterwards.
 *
 * @throws Error when the new key has the wrong size, or when a rotation to yet another key is under way
 */
export async function rotateVault(rotation: Rotation): Promise<void> {
  const { newMasterKey, masterKey } = rotation;
  if (newMasterKey.length !== masterKeyBytes) throw new Error(`The new MASTER_KEY must be ${masterKeyBytes} bytes`);
  const target = masterKeyId(newMasterKey);
  if (target === masterKeyId(masterKey)) throw new Error('The new MASTER_KEY is the present one');
  const keys = await beginRotation(rotation, target);
  if (keys === null) return;
  for (const column of [secretsColumn, ...rotation.columns]) await rewrapColumn(rotation.database, column, keys.active, keys.all);
  await changeMasterKey(rotation, target);
}

interface Keys {
  active: EnvelopeKey;
  all: ReadonlyMap<string, EnvelopeKey>;
}

/** Null when the rotation has already been finished, by this call's predecessor or another node. */
async function beginRotation(rotation: Rotation, target: string): Promise<Keys | null> {
  const wrapping = keyWrap(rotation.masterKey);
  return rotation.database.system(async (em) => {
    const rows = await statement<VaultKeyRow>(em, `select ${vaultKeyColumns} from kernel.vault_keys order by id for update`);
    if (rows.every((row) => row.masterKeyId === target)) return null;
    const all = new Map(rows.map((row) => [row.id, wrapping.unwrap(row.id, row.wrapped)]));
    const present = rows.find((row) => row.active);
    if (present === undefined) throw new Error('The vault has no active key');
    const presentKey = all.get(present.id);
    if (present.rotatingTo === target && presentKey !== undefined) return { active: presentKey, all };
    if (present.rotatingTo !== null) throw new Error('A rotation to another MASTER_KEY is under way: finish it first, by rotating to that key again');
    const fresh = newEnvelopeKey();
    await statement(em, 'update kernel.vault_keys set active = false where id = $1', [present.id]);
    await statement(em, 'insert into kernel.vault_keys (id, wrapped, master_key_id, active, rotating_to) values ($1, $2, $3, true, $4)', [fresh.id, wrapping.wrap(fresh), present.masterKeyId, target]);
    all.set(fresh.id, fresh);
    return { active: fresh, all };
  });
}

async function rewrapColumn(database: Database, { table, column }: EnvelopeColumn, active: EnvelopeKey, all: ReadonlyMap<string, EnvelopeKey>): Promise<void> {
  for (;;) {
    const done = await database.system(async (em) => {
      const rows = await statement<{ place: string; sealed: Buffer }>(
        em,
        `select ctid::text as place, ${column} as sealed from ${table} where ${column} is not null and ${envelopeKeyIdSql(column)} <> $1 limit ${batchRows} for update`,
        [active.id],
      );
      for (const row of rows) {
        const from = all.get(envelopeKeyId(row.sealed));
        if (from === undefined) throw new Error(`An envelope in ${table} names a key that the vault does not have`);
        // the row is locked, so its place cannot change before this update
        await statement(em, `update ${table} set ${column} = $2 where ctid = $1::tid`, [row.place, rewrapEnvelope(from, active, row.sealed)]);
      }
      return rows.length < batchRows;
    });
    if (done) return;
  }
}

async function changeMasterKey({ database, masterKey, newMasterKey }: Rotation, target: string): Promise<void> {
  const from = keyWrap(masterKey);
  const to = keyWrap(newMasterKey);
  await database.boot(async (query) => {
    await query('begin');
    await changeDeploymentKey(query, database.prefix, newMasterKey);
    await query(`set local role ${quoteIdentifier(roleNames(database.prefix).system)}`);
    const rows = (await query(`select ${vaultKeyColumns} from kernel.vault_keys order by id for update`)) as unknown as VaultKeyRow[];
    for (const row of rows) {
      if (row.masterKeyId === target) continue;
      await query('update kernel.vault_keys set wrapped = $2, master_key_id = $3, rotating_to = null where id = $1', [row.id, to.wrap(from.unwrap(row.id, row.wrapped)), target]);
    }
    // an error before this ends the connection, and with it the transaction
    await query('commit');
  });
}
