import type { Duplex } from 'node:stream';

/**
 * The bridge between the server and a runner process: frames over an inherited pipe.
 * A frame is `u32 length of the rest | u8 type | u32 guest | u32 a | u32 b | payload`, big endian.
 */
export const frame = {
  // server → runner
  /** a: script; payload: the bundle's text. */
  script: 1,
  /** a: script, b: heap limit in MiB. */
  open: 2,
  /** a: CPU ms left, b: slice; payload: a JSON array of messages. */
  text: 3,
  /** a: CPU ms left, b: slice; payload: see {@link chunkHeadBytes}. */
  chunk: 4,
  /** The isolate is dropped. */
  close: 5,
  /** A deadline passed: the isolate is dropped if it is busy. */
  expire: 6,
  /** No call is open: timers are held back. */
  idle: 7,
  ping: 8,
  /** a: a script that will not be opened again. */
  forget: 9,
  // runner → server
  /** Payload: messages of the guest, one JSON text a line. */
  guestText: 65,
  /** Payload: see {@link pushHeadBytes}. */
  guestChunk: 66,
  /** a: CPU µs of the slice, b: the last slice it answers (0: a timer's). */
  sliceEnd: 67,
  /** a: CPU µs that loading took. */
  ready: 68,
  /** a: see {@link goneReason}; payload: text for the plugin's author. */
  disposing: 69,
  gone: 70,
  /** a: heap in KiB. */
  heap: 71,
  /** Payload: text for the plugin's author. */
  complaint: 72,
  /** a: what the ping carried, b: resident KiB. */
  pong: 73,
} as const;

/** Why an isolate ended. */
export const goneReason = { closed: 0, cpu: 1, memory: 2, deadline: 3, bytes: 4, load: 5, catastrophe: 6 } as const;
export type GoneReason = keyof typeof goneReason;

export const headBytes = 17;
/** Largest frame; a call's `bytes` budget is enforced below it. */
export const maxFrameBytes = 33_554_432;
/** `f64 now | u32 call | u32 request | u32 1 when bytes follow`, then the bytes. */
export const chunkHeadBytes = 20;
/** `u32 call | u32 request | u32 stream`, then the bytes. */
export const pushHeadBytes = 12;

export interface FrameSink {
  send(type: number, guest: number, a: number, b: number, payload?: string | Uint8Array): void;
  /** How often the other side has taken all there was: who counts what it sent since then knows its share of the backlog. */
  drains(): number;
}

/** Writes frames, all of one turn of the event loop in one system call. `prepare` runs just before each. */
export function frameSink(pipe: Duplex, prepare?: () => void): FrameSink & { wake(): void } {
  let parts: Uint8Array[] = [];
  let drained = 0;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    prepare?.();
    if (parts.length === 0) return;
    const batch = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    parts = [];
    if (!pipe.destroyed && pipe.write(batch)) drained++;
  }

  function wake(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  pipe.on('drain', () => drained++);
  return {
    wake,
    send(type, guest, a, b, payload) {
      const size = payload === undefined ? 0 : typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
      const bytes = Buffer.allocUnsafe(headBytes + size);
      bytes.writeUInt32BE(headBytes - 4 + size, 0);
      bytes[4] = type;
      bytes.writeUInt32BE(guest, 5);
      bytes.writeUInt32BE(Math.min(Math.max(0, Math.round(a)), 0xffffffff), 9);
      bytes.writeUInt32BE(b, 13);
      if (typeof payload === 'string') bytes.write(payload, headBytes, 'utf8');
      else if (payload !== undefined) bytes.set(payload, headBytes);
      parts.push(bytes);
      wake();
    },
    drains: () => drained,
  };
}

export interface Frame {
  type: number;
  guest: number;
  a: number;
  b: number;
  payload: Buffer;
}

/** Cuts a stream into frames. @throws RangeError for a frame over the bound: the caller ends the other side. */
export function frameSource(onFrame: (frame: Frame) => void): (data: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let wanted = 4;

  return (data) => {
    held.push(data);
    heldBytes += data.length;
    if (heldBytes < wanted) return;
    const all = held.length === 1 ? data : Buffer.concat(held);
    let at = 0;
    wanted = 4;
    while (all.length - at >= 4) {
      const size = all.readUInt32BE(at);
      if (size < headBytes - 4 || size > maxFrameBytes + headBytes) throw new RangeError('a frame out of bounds');
      if (all.length - at < size + 4) {
        wanted = size + 4;
        break;
      }
      const end = at + 4 + size;
      onFrame({ type: all[at + 4] as number, guest: all.readUInt32BE(at + 5), a: all.readUInt32BE(at + 9), b: all.readUInt32BE(at + 13), payload: all.subarray(at + headBytes, end) });
      at = end;
    }
    held = at === all.length ? [] : [all.subarray(at)];
    heldBytes = all.length - at;
  };
}
