import { simhash } from '../insights/simhash.ts';
import type { Step } from './step.ts';

/** Enough for any book; what lies beyond hardly moves the hash. */
const mostCharacters = 2_000_000;

/** By which similar documents are found later. */
export const fingerprintStep: Step<'fingerprint'> = {
  name: 'fingerprint',
  applies: () => true,
  async run(ctx, input) {
    const { fileId } = input.document;
    const hash = simhash();
    let characters = 0;
    for await (const { text } of input.pages()) {
      hash.add(text.slice(0, mostCharacters - characters));
      characters += text.length;
      if (characters >= mostCharacters) break;
    }
    const { hex, bands, words } = hash.result();
    if (hex === null || bands === null) await ctx.db.fingerprints.delete({ fileId });
    else await ctx.db.fingerprints.upsert({ fileId, simhash: hex, ...bands }, ['fileId']);
    return { simhash: hex, words };
  },
};
