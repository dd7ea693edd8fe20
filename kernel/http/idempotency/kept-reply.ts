import type { FastifyReply } from 'fastify';
import type { Vault } from '../../storage/contract.ts';
import type { CapturedReply } from './reply-capture.ts';

type Kept = CapturedReply & { body: Buffer };

const contextOf = (id: string): string => `idempotency ${id}`;

/** Status and headers as one line of JSON, then the body. */
export function sealReply(vault: Pick<Vault, 'seal'>, id: string, reply: Kept): Promise<Uint8Array> {
  const head = Buffer.from(`${JSON.stringify({ status: reply.status, headers: reply.headers })}\n`);
  return vault.seal(Buffer.concat([head, reply.body]), contextOf(id));
}

export async function openReply(vault: Pick<Vault, 'open'>, id: string, sealed: Uint8Array): Promise<Kept> {
  const bytes = Buffer.from(await vault.open(sealed, contextOf(id)));
  const end = bytes.indexOf('\n');
  const head = JSON.parse(bytes.toString('utf8', 0, end)) as { status: number; headers: Record<string, string> };
  return { ...head, body: bytes.subarray(end + 1) };
}

/** Sends a kept reply with this request's own id, limits and security headers. */
export function replay(reply: FastifyReply, kept: Kept): void {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...kept.headers, 'idempotent-replayed': 'true' })) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(kept.status, { 'content-length': kept.body.length });
  raw.end(kept.body);
}
