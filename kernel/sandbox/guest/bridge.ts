/**
 * What the runner put into the bare isolate, taken away from the global scope before any other
 * module sees it, with the built-ins that the guest's half of the bridge is made of: a plugin that
 * redefines them later confuses nobody but itself.
 */
export interface Bridge {
  send(text: string): void;
  push(bytes: ArrayBuffer): void;
  /** Asks for a turn after so many milliseconds; a new wish replaces the one before. */
  wake(delayMs: number): void;
  hash(algorithm: string, data: ArrayBuffer): ArrayBuffer | null;
  hmac(algorithm: string, key: ArrayBuffer, data: ArrayBuffer): ArrayBuffer | null;
  ed25519Sign(key: ArrayBuffer, data: ArrayBuffer): ArrayBuffer | null;
  ed25519Verify(key: ArrayBuffer, data: ArrayBuffer, signature: ArrayBuffer): boolean | null;
  url(href: string, base?: string, name?: string, value?: string): string | null;
}

const scope = globalThis as unknown as Record<string, unknown>;

export const bridge = scope['__bridge'] as Bridge;
delete scope['__bridge'];

// WebAssembly memory is not counted by the heap limit, shared memory makes a precise clock.
for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) delete scope[name];

export const toJson = JSON.stringify;
export const fromJson = JSON.parse;
export const nowMs = Date.now;

/** Copies the bytes: what crosses the wall is never a view into something larger. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** Gives globals to the plugin, with the attributes that built-ins have. */
export function install(globals: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}
