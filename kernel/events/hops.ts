import { maxHops, type Provenance } from './contract.ts';

/** Code of what went around too often. */
export const hopLimitCode = 'HOP_LIMIT';

/** Null within the limit; else what went around, e.g. `a → b → a`. */
export function hopLimitExceeded(provenance: Provenance, pluginId: string): string | null {
  if (provenance.hop <= maxHops) return null;
  const chain = [...provenance.chain];
  if (chain.at(-1) !== pluginId) chain.push(pluginId);
  const start = chain.lastIndexOf(pluginId, chain.length - 2);
  const cycle = start < 0 ? chain : chain.slice(start);
  return `More than ${maxHops} hops, going around ${cycle.join(' → ')}.`;
}
