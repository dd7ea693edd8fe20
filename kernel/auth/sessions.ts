import { createHash, createHmac, hkdfSync, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Unauthorized } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement, statementCount } from '../database/statement.ts';
import { gcmOpen, gcmSeal } from '../storage/envelope.ts';
import type { AuthChanges } from './changes.ts';

/**
 * Refresh tokens look like `rt_<session id>_<secret>`, in hex and base64url. The secret is 32 random bytes and a mark
 * of the family, which tells an outdated token from an invented one: only the first means theft, and session ids are
 * no secret.
 */
const shape = /^rt_([0-9a-f]{32})_([A-Za-z0-9_-]{64})$/;
const randomPart = 32;
/** devices of one user; a login beyond it ends the session that was used longest ago */
const maxSessions = 50;
const markBytes = 16;

export interface SessionTimes {
  /** a session ends this long after the login, whatever happens; default 30 days */
  lifeMs: number;
  /** within this time after a rotation the token before it still gives the same successor; default 10 s */
  graceMs: number;
}

export interface Device {
  address: string | null;
  userAgent: string | null;
}

/** What a refresh answers. */
export interface Rotated {
  sessionId: string;
  userId: string;
  tenantId: string | null;
  refreshToken: string;
}

export interface Sessions {
  /** Begins a family of refresh tokens, in the caller's transaction. */
  begin(em: EntityManager, userId: string, tenantId: string | null, device: Device, proof: { method: string; secondFactor: boolean }): Promise<{ sessionId: string; refreshToken: string }>;
  /**
   * Trades a refresh token for the next one. A token that was traded before means that two hold it: the whole family
   * is revoked. A client that asked twice at once is not a thief: within the grace time the same successor is given.
   *
   * @throws UNAUTHORIZED
   */
  rotate(refreshToken: string): Promise<Rotated>;
  /** Ends one session; whether there was one to end. */
  revoke(sessionId: string, reason: string): Promise<boolean>;
  /** Ends one of a user's sessions, in the caller's transaction; whether there was one to end. */
  endOwn(em: EntityManager, userId: string, sessionId: string, reason: string): Promise<boolean>;
  /** Ends the session that a refresh token belongs to, also an outdated one; an unknown token is no error. */
  revokeByToken(refreshToken: string): Promise<boolean>;
  /** Ends a user's sessions in the caller's transaction, but for one, and sign-ins that wait for a second factor. */
  revokeAll(em: EntityManager, userId: string, reason: string, exceptId?: string | null): Promise<void>;
  sweep(): Promise<void>;
}

interface Row {
  id: string;
  familyKey: Buffer;
  userId: string;
  tenantId: string | null;
  currentHash: Buffer;
  previousHash: Buffer | null;
  successor: Buffer | null;
  sinceRotationMs: number | null;
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const markOf = (familyKey: Buffer, random: Buffer): Buffer => createHmac('sha256', familyKey).update(random).digest().subarray(0, markBytes);
function newSecret(familyKey: Buffer): string {
  const random = randomBytes(randomPart);
  return Buffer.concat([random, markOf(familyKey, random)]).toString('base64url');
}
function isOfFamily(familyKey: Buffer, secret: string): boolean {
  const bytes = Buffer.from(secret, 'base64url');
  return timingSafeEqual(bytes.subarray(randomPart), markOf(familyKey, bytes.subarray(0, randomPart)));
}
const tokenOf = (id: string, secret: string): string => `rt_${id.replaceAll('-', '')}_${secret}`;
const refused = () => Unauthorized({ message: 'The refresh token is not valid.' });
const equal = (a: Buffer, b: Buffer | null): boolean => b !== null && a.length === b.length && timingSafeEqual(a, b);

/** Only who holds a token can read its successor: the key follows from the secret, of which the database has a hash. */
const successorKey = (secret: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'proofpix', 'refresh token successor', 32));

function parse(token: string): { id: string; secret: string } {
  const [, hex, secret] = shape.exec(token) ?? [];
  if (hex === undefined || secret === undefined) throw refused();
  return { id: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'), secret };
}

/** The user must be active; a session whose user was suspended rests until the suspension ends it. */
const lock = (em: EntityManager, id: string): Promise<Row[]> =>
  statement<Row>(
    em,
    `select s.id, s.user_id as "userId", s.tenant_id as "tenantId", s.family_key as "familyKey", s.current_hash as "currentHash", s.previous_hash as "previousHash", s.successor,
            (extract(epoch from now() - s.rotated_at) * 1000)::float8 as "sinceRotationMs"
     from kernel.sessions s join kernel.users u on u.id = s.user_id and u.status = 'active'
     where s.id = $1 and s.revoked_at is null and s.expires_at > now() for update of s`,
    [id],
  );

export function sessions({ database, changes, times }: { database: Database; changes: AuthChanges; times: SessionTimes }): Sessions {
  async function end(em: EntityManager, id: string, reason: string, userId: string | null = null): Promise<boolean> {
    const ended = await statementCount(em, 'update kernel.sessions set revoked_at = now(), revoked_for = $2, successor = null where id = $1 and revoked_at is null and ($3::uuid is null or user_id = $3)', [id, reason, userId]);
    if (ended > 0) await changes.record(em, { revoked: true, credentialId: id });
    return ended > 0;
  }

  async function revoke(id: string, reason: string): Promise<boolean> {
    const isEnded = await database.system((em) => end(em, id, reason));
    await changes.catchUp();
    return isEnded;
  }

  /** Null when the token was used before: thrown inside, the error would roll the revocation back. */
  async function trade(em: EntityManager, id: string, secret: string): Promise<Rotated | null> {
    const [row] = await lock(em, id);
    if (row === undefined) throw refused();
    const presented = digest(secret);
    const base = { sessionId: row.id, userId: row.userId, tenantId: row.tenantId };
    if (equal(presented, row.currentHash)) {
      const next = newSecret(row.familyKey);
      await statement(
        em,
        'update kernel.sessions set current_hash = $2, previous_hash = $3, successor = $4, rotated_at = clock_timestamp(), last_used_at = now() where id = $1',
        [id, digest(next), presented, gcmSeal(successorKey(secret), Buffer.from(next), id)],
      );
      return { ...base, refreshToken: tokenOf(id, next) };
    }
    const isRecent = row.sinceRotationMs !== null && row.sinceRotationMs <= times.graceMs;
    if (equal(presented, row.previousHash) && isRecent && row.successor !== null) {
      return { ...base, refreshToken: tokenOf(id, gcmOpen(successorKey(secret), row.successor, id).toString('utf8')) };
    }
    if (!isOfFamily(row.familyKey, secret)) throw refused();
    await end(em, id, 'reuse');
    return null;
  }

  return {
    async begin(em, userId, tenantId, device, proof) {
      const sessionId = randomUUID();
      const familyKey = randomBytes(32);
      const secret = newSecret(familyKey);
      await statement(
        em,
        `insert into kernel.sessions (id, user_id, tenant_id, family_key, current_hash, address, user_agent, method, second_factor, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10::double precision * interval '1 millisecond')`,
        [sessionId, userId, tenantId, familyKey, digest(secret), device.address, device.userAgent?.replaceAll('\0', '').slice(0, 500) ?? null, proof.method, proof.secondFactor, times.lifeMs],
      );
      const surplus = await statement<{ id: string }>(
        em,
        `update kernel.sessions set revoked_at = now(), revoked_for = 'too-many', successor = null
         where id in (select id from kernel.sessions where user_id = $1 and revoked_at is null and id <> $2 order by last_used_at desc offset ${maxSessions - 1}) returning id`,
        [userId, sessionId],
      );
      if (surplus.length > 0) await changes.record(em, ...surplus.map(({ id }) => ({ revoked: true, credentialId: id })));
      return { sessionId, refreshToken: tokenOf(sessionId, secret) };
    },
    async rotate(refreshToken) {
      const { id, secret } = parse(refreshToken);
      const rotated = await database.system((em) => trade(em, id, secret));
      if (rotated !== null) return rotated;
      await changes.catchUp();
      throw refused();
    },
    revoke,
    endOwn: (em, userId, id, reason) => end(em, id, reason, userId),
    async revokeByToken(refreshToken) {
      const { id, secret } = parse(refreshToken);
      const [row] = await database.system((em) => lock(em, id));
      if (row === undefined || !isOfFamily(row.familyKey, secret)) return false;
      return revoke(id, 'logout');
    },
    async revokeAll(em, userId, reason, exceptId = null) {
      const rows = await statement<{ id: string }>(em, 'update kernel.sessions set revoked_at = now(), revoked_for = $2, successor = null where user_id = $1 and revoked_at is null and id is distinct from $3::uuid returning id', [userId, reason, exceptId]);
      if (rows.length > 0) await changes.record(em, ...rows.map(({ id }) => ({ revoked: true, credentialId: id })));
      // what ends sessions must also stop whoever is half-way to one
      await statement(em, `delete from kernel.one_time_tokens where user_id = $1 and purpose = 'second-factor'`, [userId]);
    },
    async sweep() {
      // revoked ones stay until they would have ended, for whoever asks why
      await database.system((em) => statement(em, `delete from kernel.sessions where expires_at < now()`));
    },
  };
}
