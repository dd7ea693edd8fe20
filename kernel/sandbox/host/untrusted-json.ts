import type { Json } from '@proofpix/sdk';

const maxDepth = 256;
/** A text shorter than this cannot nest deeply enough to matter. */
const shallowLength = 2 * maxDepth;

function tooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) quoted = !quoted;
    else if (quoted) {
      if (code === 92) i++;
    } else if (code === 91 || code === 123) {
      if (++depth > maxDepth) return true;
    } else if (code === 93 || code === 125) depth--;
  }
  return false;
}

/** Keys through which a careless merge would reach a prototype. `\u` may spell any of them. */
const suspicious = /__proto__|constructor|\\u/;

function withoutPrototypeKeys(this: unknown, key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined;
  if (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')) return undefined;
  return value;
}

/**
 * Parses JSON that plugin code has made: keys that could pollute a prototype are dropped.
 *
 * @throws SyntaxError, also for nesting that would overflow a recursive reader.
 */
export function parseUntrusted(text: string): Json {
  if (text.length > shallowLength && tooDeep(text)) throw new SyntaxError('nested too deeply');
  return (suspicious.test(text) ? JSON.parse(text, withoutPrototypeKeys) : JSON.parse(text)) as Json;
}

/** JSON text of a value that goes to a guest; the same keys are dropped. */
export function toGuestJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('__proto__') || text.includes('"constructor"') ? JSON.stringify(JSON.parse(text, withoutPrototypeKeys)) : text;
}
