import { DeadlineExceeded, InternalError, Unavailable, toWireError, type Json, type PluginError } from '@proofpix/sdk';
import type { MeterRow, SandboxLog, Strike } from '../contract.ts';
import type { Budget } from '../errors.ts';
import { frame, goneReason, maxFrameBytes, pushHeadBytes, type Frame, type FrameSink, type GoneReason } from '../runner/frames.ts';
import type { Call } from './call.ts';
import { guestInbox } from './guest-inbox.ts';
import { budgetError, maxInFlight, maxNotifies, requests } from './requests.ts';
import { toGuestJson } from './untrusted-json.ts';

/** Calls in a row that never settled, after which an isolate is taken for broken. */
const maxUnsettled = 3;
/** CPU for what is left to do of a call that has ended: its `finally` blocks. */
const farewellCpuMs = 100;
/** Characters that go to a guest in one frame, unless a single message is longer. */
const batchLength = 1_048_576;

interface Slice {
  number: number;
  sentAt: number;
  calls: readonly Call[];
}

export type Loss = Strike['reason'] | 'load' | 'evicted' | 'innocent';

/** The server's half of one isolate. */
export interface HostGuest {
  readonly id: number;
  readonly key: string;
  readonly tenantId: string;
  readonly pluginId: string;
  readonly version: string;
  readonly memoryBytes: number;
  /** Whether its version had proven itself when it was opened. */
  readonly proven: boolean;
  readonly calls: ReadonlyMap<number, Call>;
  readonly heapBytes: number;
  /** False once it is ending: the next call gets a new isolate. */
  readonly open: boolean;
  /** Its last calls all ran into their deadlines: a plugin can break its own built-ins for good. */
  readonly stale: boolean;
  /** Since when it has been on the CPU, as far as the server can tell; null when it has nothing to do. */
  busySince(): number | null;
  lastUsedAt: number;
  start(call: Call): void;
  /** The call ended on this side: the guest is told to let go of it. */
  stop(call: Call, error: PluginError): void;
  receive(frame: Frame): void;
  flush(): void;
  /** Ends every call: those that were running as `why` says, the others as lost. */
  lose(why: Loss): void;
}

export interface HostGuestOptions {
  id: number;
  key: string;
  tenantId: string;
  pluginId: string;
  version: string;
  memoryBytes: number;
  proven: boolean;
  sink: FrameSink & { wake(): void };
  log: SandboxLog;
  meter: MeterRow;
  onEnding(guest: HostGuest, why: GoneReason): void;
  onGone(guest: HostGuest): void;
}

const reasonOf = new Map(Object.entries(goneReason).map(([name, number]) => [number as number, name as GoneReason]));
const budgetOf: Partial<Record<Loss, Budget>> = { cpu: 'cpu', stuck: 'cpu', memory: 'memory', resident: 'memory', bytes: 'bytes' };

export function hostGuest(options: HostGuestOptions): HostGuest {
  const { id, sink, log, meter, onEnding, onGone } = options;
  const about = { plugin: options.pluginId, version: options.version, tenant: options.tenantId };
  const calls = new Map<number, Call>();
  const openedAt = performance.now();
  let outbox: { text: string; call: Call }[] = [];
  let slices: Slice[] = [];
  let nextSlice = 1;
  let ready = false;
  let open = true;
  let heapBytes = 0;
  let unsettled = 0;

  function post(call: Call, text: string): void {
    if (!open) return;
    if (text.length > maxFrameBytes / 3 && Buffer.byteLength(text) > maxFrameBytes - 8) return breach(call, 'bytes');
    outbox.push({ text, call });
    sink.wake();
  }

  function opening(of: readonly Call[]): { cpuMs: number; number: number } {
    const number = nextSlice++;
    slices.push({ number, sentAt: performance.now(), calls: of });
    let cpuMs = 0;
    for (const call of of) {
      call.slices++;
      cpuMs = Math.max(cpuMs, call.done ? farewellCpuMs : call.target.limits.cpuMs - call.cpuMs);
    }
    return { cpuMs: Math.max(1, cpuMs), number };
  }

  function postChunk(call: Call, bytes: Uint8Array): void {
    if (!open) return;
    const { cpuMs, number } = opening([call]);
    sink.send(frame.chunk, id, cpuMs, number, bytes);
  }

  function leave(call: Call): void {
    if (!calls.delete(call.id)) return;
    if (calls.size === 0 && open) sink.send(frame.idle, id, 0, 0);
  }

  function stop(call: Call, error: PluginError): void {
    if (!calls.has(call.id)) return;
    if (error.code === DeadlineExceeded.code) unsettled++;
    post(call, `["a",${call.id},${toGuestJson(toWireError(error))}]`);
    if (open && slices.length > 0) sink.send(frame.expire, id, 0, 0);
    leave(call);
  }

  function breach(call: Call, budget: Budget): void {
    const error = budgetError(budget);
    call.finish({ kind: 'error', error });
    stop(call, error);
  }

  function fail(call: Call, error: PluginError, stack: Json | undefined): void {
    if (error.code === InternalError.code) log.warn({ ...about, handler: call.invocation.handler, stack: typeof stack === 'string' && call.invocation.call.confined !== true ? stack : undefined }, 'a plugin threw');
    call.finish({ kind: 'error', error });
  }

  const inbox = guestInbox({
    log,
    about,
    calls,
    requests: requests({ log, post, postChunk, breach }),
    breach,
    onResult(call, value) {
      unsettled = 0;
      call.finish({ kind: 'value', value });
      leave(call);
    },
    onError(call, error, stack) {
      unsettled = 0;
      fail(call, error, stack);
      leave(call);
    },
    onFlood() {
      sink.send(frame.close, id, 0, 0);
      ending('bytes');
    },
  });

  function charge(cpuUs: number, last: number): void {
    const ended = slices.filter(({ number }) => number <= last);
    slices = slices.filter(({ number }) => number > last);
    // A slice of timers alone is everybody's.
    const of = new Set(last === 0 ? calls.values() : ended.flatMap((slice) => slice.calls));
    for (const slice of ended) for (const call of slice.calls) call.slices--;
    for (const call of of) {
      call.cpuMs += cpuUs / 1000 / of.size;
      if (!call.done && call.cpuMs > call.target.limits.cpuMs) breach(call, 'cpu');
      call.account();
    }
    if (of.size === 0) meter.cpuMs += cpuUs / 1000;
  }

  function lose(why: Loss): void {
    open = false;
    outbox = [];
    const running = new Set(slices.flatMap((slice) => slice.calls));
    // A slice of timers alone is everybody's.
    const guilty = running.size === 0 ? new Set(calls.values()) : running;
    const budget = budgetOf[why];
    for (const call of calls.values()) {
      if (why === 'load') fail(call, InternalError(), null);
      else if (why === 'evicted') call.finish({ kind: 'error', error: Unavailable() });
      else if (why === 'innocent' || !guilty.has(call)) call.finish({ kind: 'lost' });
      else call.finish({ kind: 'error', error: budget === undefined ? Unavailable({ message: 'The plugin was stopped.' }) : budgetError(budget) });
    }
    for (const call of new Set([...calls.values(), ...running])) call.account(true);
    calls.clear();
    slices = [];
  }

  function ending(why: GoneReason): void {
    if (open) onEnding(guest, why);
  }

  const guest: HostGuest = {
    ...options,
    calls,
    lastUsedAt: performance.now(),
    get heapBytes() {
      return heapBytes;
    },
    get open() {
      return open;
    },
    get stale() {
      return unsettled >= maxUnsettled && calls.size === 0;
    },
    busySince: () => (ready ? (slices[0]?.sentAt ?? null) : openedAt),
    start(call) {
      calls.set(call.id, call);
      guest.lastUsedAt = performance.now();
      const { limits } = call.target;
      const text = `["i",${call.id},${toGuestJson(call.invocation)},{"hostCalls":${limits.hostCalls},"inFlight":${maxInFlight},"notifies":${maxNotifies}}]`;
      call.bytes += text.length;
      if (call.bytes > limits.bytes) return breach(call, 'bytes');
      post(call, text);
    },
    stop,
    lose,
    flush() {
      while (outbox.length > 0) {
        const batch: string[] = [];
        const of = new Set<Call>();
        let length = 0;
        while (outbox[batch.length] !== undefined && length < batchLength) {
          const { text, call } = outbox[batch.length] as { text: string; call: Call };
          if (batch.length > 0 && length + text.length > batchLength) break;
          batch.push(text);
          of.add(call);
          length += text.length;
        }
        outbox = outbox.slice(batch.length);
        const { cpuMs, number } = opening([...of]);
        sink.send(frame.text, id, cpuMs, number, `[${batch.join(',')}]`);
      }
    },
    receive({ type, a, b, payload }) {
      switch (type) {
        case frame.guestText:
          if (open) inbox.text(payload.toString('utf8'));
          return;
        case frame.guestChunk:
          if (open && payload.length >= pushHeadBytes) inbox.chunk(payload.readUInt32BE(0), payload.readUInt32BE(4), payload.readUInt32BE(8), new Uint8Array(payload.subarray(pushHeadBytes)));
          return;
        case frame.sliceEnd:
          if (open) charge(a, b);
          return;
        case frame.ready:
          ready = true;
          // What loading took is nobody's call's; slices sent meanwhile begin now.
          meter.cpuMs += a / 1000;
          for (const slice of slices) slice.sentAt = performance.now();
          return;
        case frame.heap:
          heapBytes = a * 1024;
          meter.peakHeapBytes = Math.max(meter.peakHeapBytes, heapBytes);
          return;
        case frame.complaint:
          log.warn({ ...about, stack: payload.toString('utf8') }, 'a plugin left a rejection unhandled');
          return;
        case frame.disposing:
          if (payload.length > 0) log.warn({ ...about, stack: payload.toString('utf8') }, 'a plugin could not be loaded');
          return ending(reasonOf.get(a) ?? 'closed');
        case frame.gone:
          return onGone(guest);
      }
    },
  };
  return guest;
}
