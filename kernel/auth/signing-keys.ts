import { createPublicKey, generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Vault } from '../storage/contract.ts';

export interface SigningKeys {
  /** PEM of the key to sign with now. */
  current(): Promise<{ kid: string; privateKey: string }>;
  /** PEM of a public key that still verifies; looks for a key of another node at most once a second. */
  publicKey(kid: string): Promise<string | null>;
  /** RFC 7517; also keys that will sign soon, so that others may learn them early. */
  jwks(): Promise<{ keys: Record<string, unknown>[] }>;
}

export interface SigningKeyTimes {
  /** how long a key signs, default 30 days */
  signsForMs: number;
  /** a new key is published this long before it signs, default 1 day */
  overlapMs: number;
  /** the longest life of a token; a key verifies for that long after it last signed */
  tokenLifeMs: number;
}

interface Row {
  kid: string;
  publicKey: string;
  privateSealed: Buffer;
  signsFrom: number;
  signsUntil: number;
  verifiesUntil: number;
}

const rotationLock = 7_206_150_010;
const rereadMs = 1_000;
const generate = promisify(generateKeyPair);
const rfc3339 = (timeMs: number): string => new Date(timeMs).toISOString();
const contextOf = (kid: string): string => `signing key ${kid}`;
const ms = (column: string, name: string): string => `(extract(epoch from ${column}) * 1000)::float8 as "${name}"`;
const columns = `kid, public_key as "publicKey", private_sealed as "privateSealed", ${ms('signs_from', 'signsFrom')}, ${ms('signs_until', 'signsUntil')}, ${ms('verifies_until', 'verifiesUntil')}`;

/** Ed25519 key pairs in the database, the private part sealed; made and rotated by whichever node needs one first. */
export async function openSigningKeys({ database, vault, times }: { database: Database; vault: Vault; times: SigningKeyTimes }): Promise<SigningKeys> {
  let rows: Row[] = [];
  let readAt = 0;
  const privateKeys = new Map<string, string>();

  async function make(em: EntityManager, signsFrom: number): Promise<void> {
    const kid = randomUUID();
    const pair = await generate('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const sealed = await vault.seal(Buffer.from(pair.privateKey), contextOf(kid));
    const signsUntil = signsFrom + times.signsForMs;
    await statement(
      em,
      'insert into kernel.signing_keys (kid, public_key, private_sealed, signs_from, signs_until, verifies_until) values ($1, $2, $3, $4, $5, $6)',
      [kid, pair.publicKey, Buffer.from(sealed), rfc3339(signsFrom), rfc3339(signsUntil), rfc3339(signsUntil + times.tokenLifeMs)],
    );
  }

  const read = (em: EntityManager): Promise<Row[]> => statement<Row>(em, `select ${columns} from kernel.signing_keys where verifies_until > now() order by signs_from`);

  /** Makes the key that is missing now or will be soon, one node at a time. */
  async function refresh(): Promise<void> {
    rows = await database.system(async (em) => {
      const found = await read(em);
      const until = Math.max(0, ...found.map((row) => row.signsUntil));
      const now = Date.now();
      if (until > now + times.overlapMs) return found;
      await statement(em, 'select pg_advisory_xact_lock($1)', [rotationLock]);
      const again = await read(em);
      const latest = Math.max(0, ...again.map((row) => row.signsUntil));
      if (latest > now + times.overlapMs) return again;
      // a little in the past: another node's clock may be behind
      await make(em, latest > now ? latest : now - 60_000);
      await statement(em, 'delete from kernel.signing_keys where verifies_until <= now()');
      return read(em);
    });
    readAt = Date.now();
  }

  const signing = (): Row | undefined => {
    const now = Date.now();
    return rows.find((row) => row.signsFrom <= now && row.signsUntil > now);
  };

  await refresh();
  return {
    async current() {
      const last = rows.at(-1);
      if (signing() === undefined || (last !== undefined && last.signsUntil <= Date.now() + times.overlapMs)) await refresh();
      const row = signing();
      if (row === undefined) throw new Error('There is no signing key');
      const privateKey = privateKeys.get(row.kid) ?? Buffer.from(await vault.open(row.privateSealed, contextOf(row.kid))).toString('utf8');
      privateKeys.set(row.kid, privateKey);
      return { kid: row.kid, privateKey };
    },
    async publicKey(kid) {
      const find = (): Row | undefined => rows.find((row) => row.kid === kid && row.verifiesUntil > Date.now());
      // forged tokens name unknown keys at will
      if (find() === undefined && Date.now() - readAt >= rereadMs) await refresh();
      return find()?.publicKey ?? null;
    },
    async jwks() {
      if (Date.now() - readAt >= rereadMs) await refresh();
      return { keys: rows.map((row) => ({ ...createPublicKey(row.publicKey).export({ format: 'jwk' }), kid: row.kid, alg: 'EdDSA', use: 'sig' })) };
    },
  };
}
