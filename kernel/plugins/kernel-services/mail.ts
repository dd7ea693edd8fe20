import { createHash } from 'node:crypto';
import { kernelMail, RateLimitExceeded } from '@proofpix/sdk';
import { requireEmail } from '../../auth/email.ts';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Mail } from '../../mail/index.ts';
import type { PluginCall } from '../call.ts';
import { ownerOf } from '../host/host-call.ts';
import type { KernelService } from '../services.ts';

const perHour = 500;
/** first half of the two-part lock whose second half is the tenant */
const mailLock = 720_615_011;

interface SendRequest {
  to: string;
  subject: string;
  text: string;
  html?: string;
  purpose: string;
  idempotencyKey?: string;
  usefulForSeconds?: number;
}

/** An id that follows from the key, so that the table itself knows a mail for the same one. A UUID of version 8 (RFC 9562). */
function idOf(tenantId: string, pluginId: string, key: string): string {
  const bytes = createHash('sha256').update(JSON.stringify(['mail', tenantId, pluginId, key])).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** `kernel.mail`: mail of a plugin, as the call's tenant. */
export function mailService({ database, mail }: { database: Pick<Database, 'system'>; mail: Mail }): KernelService {
  const methods = {
    async send(call: PluginCall, { to, subject, text, html, purpose, idempotencyKey, usefulForSeconds }: SendRequest) {
      const { tenantId, pluginId } = ownerOf(call);
      const recipient = requireEmail(to, 'to');
      const id = idempotencyKey === undefined ? undefined : idOf(tenantId, pluginId, idempotencyKey);
      return database.system(async (em) => {
        // calls at once would each see room for one more
        await statement(em, 'select pg_advisory_xact_lock($1, hashtext($2))', [mailLock, tenantId]);
        const known = id === undefined ? [] : await statement(em, 'select 1 from kernel.mails where id = $1', [id]);
        if (id !== undefined && known.length > 0) return { mailId: id, isNew: false };
        const [row] = await statement<{ count: number }>(em, `select count(*)::int as count from kernel.mails where created_at > now() - interval '1 hour' and tenant_id = $1`, [tenantId]);
        if ((row?.count ?? 0) >= perHour) throw RateLimitExceeded({ message: `A team may send ${perHour} mails an hour.`, retryAfterSeconds: 600 });
        const sent = await mail.send(em, {
          recipient,
          subject,
          text,
          ...(html === undefined ? {} : { html }),
          purpose: `${pluginId}.${purpose}`,
          tenantId,
          ...(usefulForSeconds === undefined ? {} : { usefulForMs: usefulForSeconds * 1000 }),
          ...(id === undefined ? {} : { id }),
        });
        return { mailId: sent.id, isNew: sent.isNew };
      });
    },
    async linkTo(_call: PluginCall, { path }: { path: string }) {
      return { url: mail.link(path) };
    },
  };
  return { ref: kernelMail, capability: 'kernel:mail', methods: methods as unknown as KernelService['methods'] };
}
