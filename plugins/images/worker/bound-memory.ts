const pageBytes = 65_536;

/** `WebAssembly.Memory`, which the compiler knows only where there is a browser. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Answers how many pages there were. */
  grow(pages: number): number;
}
export const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { new (size: { initial: number; maximum: number }): WasmMemory; prototype: WasmMemory } } }).WebAssembly;

/**
 * Bounds what WebAssembly in this thread may take, for good: `resourceLimits` do not count it, and the size that a coded
 * picture claims is believed by its decoder before anybody else sees it. A heap that may not grow is an error of the
 * decoder's allocation, and so of that picture.
 */
export function boundMemory(maxBytes: number): void {
  const { grow } = Memory.prototype;
  Memory.prototype.grow = function (this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * pageBytes > maxBytes) throw new RangeError('no more memory for WebAssembly in this thread');
    return grow.call(this, pages);
  };
}
