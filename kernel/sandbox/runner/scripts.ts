import type ivm from 'isolated-vm';

/** A bundle and, once some isolate has compiled it, V8's code cache for the next ones. */
export interface StoredScript {
  readonly name: string;
  readonly code: string;
  cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined;
}

/**
 * The bundles of this process. The code cache is made here, from text, before any of it has run,
 * and never leaves the process: a cache from elsewhere would be machine code to trust.
 */
export function scriptStore(): { add(id: number, code: string): void; get(id: number): StoredScript; forget(id: number): void } {
  const scripts = new Map<number, StoredScript>();
  return {
    forget: (id) => void scripts.delete(id),
    add(id, code) {
      scripts.set(id, { name: 'plugin.js', code, cachedData: undefined });
    },
    get(id) {
      return scripts.get(id) ?? { name: 'plugin.js', code: 'throw new Error("no such script")', cachedData: undefined };
    },
  };
}
