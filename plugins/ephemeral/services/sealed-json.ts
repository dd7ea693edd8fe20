import type { Json } from '@proofpix/sdk';
import type { EphemeralContext } from '../kit.ts';

/** Writes a value into a session, where it is ciphertext and ends with it. */
export async function writeSealed(ctx: EphemeralContext, scratchId: string, name: 'facts' | 'results', value: unknown): Promise<void> {
  await ctx.scratch.write(scratchId, name, new TextEncoder().encode(JSON.stringify(value)), { mimeType: 'application/json' });
}

/** @throws NOT_FOUND when the session is over or has no such value */
export async function readSealed<T>(ctx: EphemeralContext, scratchId: string, name: 'facts' | 'results'): Promise<T> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of ctx.scratch.read(scratchId, name)) text += decoder.decode(chunk, { stream: true });
  return JSON.parse(text + decoder.decode()) as Json as T;
}
