import { isError } from '@proofpix/sdk';
import { NothingToRestore } from '../../errors.ts';
import type { IntelligenceContext } from '../../kit.ts';

const context = 'redaction';
/** Of JSON in UTF-8; the vault takes 64 KiB. */
const mostBytes = 60_000;
const encoder = new TextEncoder();
const token = /⟦[A-Z0-9_]{1,80}:[0-9a-f]{12}⟧/g;

/** Tokens by which a text is restored: unlike numbers in brackets, those of two texts never collide. */
export function tokenOf(seed: string): (name: string) => string {
  return (name) => `⟦${name}:${seed}⟧`;
}

/** What the tokens stand for, sealed for this tenant in as many pieces as it takes. */
export async function sealValues(ctx: IntelligenceContext, values: ReadonlyMap<string, string>): Promise<string[]> {
  const sealed: string[] = [];
  let piece: [string, string][] = [];
  let bytes = 2;
  async function flush(): Promise<void> {
    if (piece.length > 0) sealed.push(await ctx.vault.seal(JSON.stringify(piece), context));
    piece = [];
    bytes = 2;
  }
  for (const entry of values) {
    const size = encoder.encode(JSON.stringify(entry)).length + 1;
    if (bytes + size > mostBytes) await flush();
    piece.push(entry as [string, string]);
    bytes += size;
  }
  await flush();
  return sealed;
}

/**
 * The text with the values back in place of the tokens; tokens that none of the pieces knows stay.
 *
 * @throws NOTHING_TO_RESTORE: a piece was changed, or sealed for another tenant
 */
export async function restoreText(ctx: IntelligenceContext, text: string, sealed: readonly string[]): Promise<{ text: string; restored: number }> {
  const values = new Map<string, string>();
  try {
    for (const piece of sealed) for (const [name, value] of JSON.parse(await ctx.vault.open(piece, context)) as [string, string][]) values.set(name, value);
  } catch (error) {
    if (isError(error, 'SEAL_INVALID') || isError(error, 'VALIDATION_ERROR')) throw NothingToRestore();
    throw error;
  }
  let restored = 0;
  const plain = text.replaceAll(token, (found) => {
    const value = values.get(found);
    if (value === undefined) return found;
    restored += 1;
    return value;
  });
  return { text: plain, restored };
}
