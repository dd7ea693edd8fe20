import { install } from './bridge.ts';

/** `structuredClone` for what a plugin may hold: JSON, dates, maps, sets, errors, buffers and typed arrays; cycles are kept. */
function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`${typeof value} could not be cloned.`);
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const keep = <T extends object>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const buffer = clone(value.buffer, seen) as ArrayBuffer;
    const View = value.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => object;
    return keep(new View(buffer, value.byteOffset, value instanceof DataView ? value.byteLength : (value as Uint8Array).length));
  }
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, held] of value) copy.set(clone(key, seen), clone(held, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const held of value) copy.add(clone(held, seen));
    return copy;
  }
  if (value instanceof Error) return keep(Object.assign(new Error(value.message), { name: value.name, stack: value.stack }));
  if (Array.isArray(value)) {
    const copy: unknown[] = keep([]);
    for (const held of value) copy.push(clone(held, seen));
    return copy;
  }
  const copy: Record<string, unknown> = keep({});
  for (const key of Object.keys(value)) Object.defineProperty(copy, key, { value: clone((value as Record<string, unknown>)[key], seen), writable: true, enumerable: true, configurable: true });
  return copy;
}

install({ structuredClone: (value: unknown) => clone(value, new Map()) });
