import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type Json, type JsonObject, ValidationError } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Auth, AuditEntry } from './contract.ts';

/** Chain of what concerns the whole deployment; no tenant can have this id. */
const deploymentChain = '00000000-0000-0000-0000-000000000000';
const genesis = '0'.repeat(64);
const limits = { action: 200, target: 500, requestId: 200, detailsBytes: 16_384 };
const batchRows = 1000;

const linkHash = (previous: string, entry: string): string => createHash('sha256').update(previous).update('\n').update(entry).digest('hex');

/** @throws VALIDATION_ERROR for an entry that {@link auditLog} would refuse */
export function requireAuditEntry(entry: AuditEntry): void {
  const check = (field: 'action' | 'target' | 'requestId', value: string | null | undefined): void => {
    if (value == null) return;
    if (value.length > limits[field] || !value.isWellFormed() || value.includes('\0')) throw ValidationError({ details: { field, issue: `must be at most ${limits[field]} characters without NUL` } });
  };
  check('action', entry.action);
  check('target', entry.target);
  check('requestId', entry.requestId);
  if (Buffer.byteLength(canonicalJson(entry.details ?? {})) > limits.detailsBytes) throw ValidationError({ details: { field: 'details', issue: `must be at most ${limits.detailsBytes} bytes as JSON` } });
}

interface Head {
  sequence: number;
  hash: string;
}

/** Entries of one chain, in order: one look at its head, however many they are. */
async function append(em: EntityManager, tenantId: string | null, entries: readonly AuditEntry[]): Promise<void> {
  const chain = tenantId ?? deploymentChain;
  await statement(em, 'insert into kernel.audit_chains (tenant_id, sequence, hash) values ($1, 0, $2) on conflict do nothing', [chain, genesis]);
  const [head] = await statement<Head>(em, 'select sequence::float8 as sequence, hash from kernel.audit_chains where tenant_id = $1 for update', [chain]);
  if (head === undefined) throw new Error('An audit chain can be written only from its own tenant');
  let { sequence, hash } = head;
  const rows = entries.map((entry) => {
    sequence += 1;
    const at = new Date().toISOString();
    const { kind, userId, credentialId, operator, impersonatorId = null } = entry.actor;
    const text = canonicalJson({
      tenantId: entry.tenantId,
      sequence,
      at,
      actor: { kind, userId, credentialId, operator, impersonatorId },
      action: entry.action,
      target: entry.target ?? null,
      details: (entry.details ?? {}) as JsonObject,
      requestId: entry.requestId ?? null,
    });
    hash = linkHash(hash, text);
    return { sequence, text, hash, action: entry.action, userId, target: entry.target ?? null, at };
  });
  await statement(
    em,
    `insert into kernel.audit_entries (tenant_id, sequence, entry, hash, action, user_id, target, at)
     select $1::uuid, * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::timestamptz[])`,
    [chain, rows.map((row) => row.sequence), rows.map((row) => row.text), rows.map((row) => row.hash), rows.map((row) => row.action), rows.map((row) => row.userId), rows.map((row) => row.target), rows.map((row) => row.at)],
  );
  await statement(em, 'update kernel.audit_chains set sequence = $2, hash = $3 where tenant_id = $1', [chain, sequence, hash]);
}

interface Stored {
  sequence: number;
  entry: string;
  hash: string;
  action: string;
  userId: string | null;
  target: string | null;
  at: string;
}

/** Whether the columns for queries still say what the hashed text says. */
function agrees(row: Stored): boolean {
  let entry: Json;
  try {
    entry = JSON.parse(row.entry) as Json;
  } catch {
    return false;
  }
  const { sequence, action, target, at, actor } = entry as { sequence?: Json; action?: Json; target?: Json; at?: Json; actor?: { userId?: Json } };
  return sequence === row.sequence && action === row.action && (target ?? null) === row.target && at === row.at && (actor?.userId ?? null) === row.userId;
}

/** The audit log: a hash chain per tenant, and one for the deployment. */
export function auditLog({ database }: { database: Database }): Pick<Auth, 'audit' | 'verifyAudit'> {
  return {
    async audit(given, em) {
      const entries = Array.isArray(given) ? (given as readonly AuditEntry[]) : [given as AuditEntry];
      const [first] = entries;
      if (first === undefined) return;
      const { tenantId } = first;
      for (const entry of entries) {
        requireAuditEntry(entry);
        if (entry.tenantId !== tenantId) throw new Error('Entries written together belong to one chain');
      }
      // an entry of the deployment needs the system's rights, so `em` must have them
      if (em !== undefined) await append(em, tenantId, entries);
      else if (tenantId === null) await database.system((own) => append(own, tenantId, entries));
      else await database.tenant(tenantId, (own) => append(own, tenantId, entries));
    },
    async verifyAudit(tenantId) {
      const chain = tenantId ?? deploymentChain;
      const [head] = await database.system((em) => statement<Head>(em, 'select sequence::float8 as sequence, hash from kernel.audit_chains where tenant_id = $1', [chain]));
      let last: Head = { sequence: 0, hash: genesis };
      const broken = () => ({ ok: false, entries: last.sequence, brokenAt: String(last.sequence + 1) });
      for (;;) {
        const rows = await database.system((em) =>
          statement<Stored>(
            em,
            `select sequence::float8 as sequence, entry, hash, action, user_id as "userId", target, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
             from kernel.audit_entries where tenant_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit ${batchRows}`,
            [chain, last.sequence, head?.sequence ?? Number.MAX_SAFE_INTEGER],
          ));
        for (const row of rows) {
          if (row.sequence !== last.sequence + 1 || linkHash(last.hash, row.entry) !== row.hash || !agrees(row)) return broken();
          last = { sequence: row.sequence, hash: row.hash };
        }
        if (rows.length < batchRows) break;
      }
      // entries cut off at the end leave a chain that is sound but shorter than its head says
      if ((head?.sequence ?? 0) !== last.sequence || (head?.hash ?? genesis) !== last.hash) return broken();
      return { ok: true, entries: last.sequence, brokenAt: null };
    },
  };
}
