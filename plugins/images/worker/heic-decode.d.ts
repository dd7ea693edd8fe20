declare module 'heic-decode' {
  interface Decoded {
    width: number;
    height: number;
    /** RGBA, 8 bits. */
    data: Uint8ClampedArray;
  }
  interface Undecoded {
    width: number;
    height: number;
    decode(): Promise<Decoded>;
  }
  const heic: { all(options: { buffer: Uint8Array }): Promise<Undecoded[] & { dispose(): void }> };
  export default heic;
}
