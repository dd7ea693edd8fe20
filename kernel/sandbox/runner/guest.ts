import type ivm from 'isolated-vm';
import { frame, goneReason, pushHeadBytes, type FrameSink, type GoneReason } from './frames.ts';
import { primitives } from './primitives.ts';
import type { StoredScript } from './scripts.ts';

/** A slice that goes on for so much CPU time after its call's deadline ends its isolate. */
const graceMs = 25;
/** The same by the clock: on a busy machine an innocent slice may have to wait for a core. */
const longestGraceMs = 10 * graceMs;
/** CPU a bundle may take to load. */
const loadCpuMs = 2_000;
/** Largest batch of text a guest may send at once, and its largest chunk. */
const maxTextLength = 8_912_896;
const maxChunkBytes = 1_048_576;
/** What a guest may have sent that the server has not taken. */
const maxBacklog = 2 * maxTextLength;
const maxTimerMs = 2_147_483_647;
const heapSampleMs = 1_000;
/** Items that may wait for a busy guest; the server's own bounds are far below. */
const maxQueue = 100_000;

type Item = string | ArrayBuffer;

export interface Guest {
  deliver(cpuLeftMs: number, slice: number, item: Item): void;
  /** True while the guest is on the CPU; drops it when its slice is over the limit. */
  watch(): boolean;
  expire(): void;
  idle(): void;
  end(reason: GoneReason): void;
}

export interface GuestOptions {
  id: number;
  engine: typeof ivm;
  script: StoredScript;
  memoryMiB: number;
  out: FrameSink;
  onBusy(): void;
  onGone(): void;
}

/** What an author may see of an error: frames of this process are cut off. */
function complaintOf(error: unknown): string {
  const { stack, message } = error as Error;
  const text = typeof stack === 'string' ? (stack.split('\n    at (<isolated-vm boundary>)')[0] as string) : String(message);
  return text.slice(0, 4_000);
}

/** One isolate: it runs slices one after another, each with the messages that have come in meanwhile. */
export function openGuest({ id, engine, script, memoryMiB, out, onBusy, onGone }: GuestOptions): Guest {
  let queue: Item[] = [];
  let lastSlice = 0;
  let cpuLimitMs = loadCpuMs;
  let nextLimitMs = 0;
  let busySince: bigint | null = null;
  let reason: GoneReason | null = null;
  let receive: ivm.Reference<(...items: Item[]) => void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let held = true;
  let due = false;
  let sampledAt = 0;
  let slices = 0;
  let backlog = 0;
  let backlogOf = 0;

  const isolate = new engine.Isolate({ memoryLimit: memoryMiB, onCatastrophicError: () => end('catastrophe') });

  function end(why: GoneReason, text = ''): void {
    if (reason !== null) return;
    reason = why;
    if (timer !== null) clearTimeout(timer);
    out.send(frame.disposing, id, goneReason[why], 0, text);
    // V8 has lost control of such an isolate: only the end of the process frees it.
    if (why === 'catastrophe') return;
    if (!isolate.isDisposed) isolate.dispose();
    // While a slice is running the end of that slice is the proof that the isolate is gone.
    if (busySince === null) gone();
  }

  function gone(): void {
    out.send(frame.gone, id, goneReason[reason ?? 'closed'], 0);
    onGone();
  }

  /** The isolate was found disposed by V8 or by us. */
  function settleEnd(error: unknown): void {
    busySince = null;
    if (reason === null) end(/memory limit/.test(String((error as Error).message)) ? 'memory' : 'closed');
    else if (reason !== 'catastrophe') gone();
  }

  async function run(): Promise<void> {
    if (receive === null || busySince !== null || reason !== null) return;
    const items = queue;
    const slice = lastSlice;
    queue = [];
    lastSlice = 0;
    due = false;
    // A slice of timers alone has the limit of the slice before it.
    if (items.length > 0) cpuLimitMs = nextLimitMs;
    nextLimitMs = 0;
    busySince = isolate.cpuTime;
    slices++;
    onBusy();
    const before = busySince;
    try {
      await receive.apply(undefined, items.map((item) => (typeof item === 'string' ? item : new engine.ExternalCopy(item).copyInto({ release: true }))) as never);
    } catch (error) {
      if (isolate.isDisposed) return settleEnd(error);
      // Nobody awaited a promise of the guest that was rejected.
      out.send(frame.complaint, id, 0, 0, complaintOf(error));
    }
    busySince = null;
    if (reason !== null) return gone();
    out.send(frame.sliceEnd, id, Number((isolate.cpuTime - before) / 1000n), slice);
    sample();
    if (queue.length > 0 || (due && !held)) void run();
  }

  function sample(): void {
    const now = Date.now();
    if (now - sampledAt < heapSampleMs) return;
    sampledAt = now;
    isolate.getHeapStatistics().then(
      (heap) => out.send(frame.heap, id, (heap.used_heap_size + heap.externally_allocated_size) / 1024, 0),
      () => undefined,
    );
  }

  function wake(delayMs: unknown): void {
    if (typeof delayMs !== 'number' || !(delayMs >= 0) || reason !== null) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      due = true;
      if (!held) void run();
    }, Math.min(delayMs, maxTimerMs));
  }

  /** Whether the guest's own share of what waits for the server is within bounds; nobody answers for another's. */
  function fits(size: number): boolean {
    if (backlogOf !== out.drains()) [backlogOf, backlog] = [out.drains(), 0];
    backlog += size;
    if (backlog > maxBacklog) end('bytes');
    return backlog <= maxBacklog;
  }

  // Each of these runs on this process's thread while the guest waits: that is the back-pressure.
  function send(text: unknown): void {
    if (reason !== null) return;
    if (typeof text !== 'string' || text.length > maxTextLength) return end('bytes');
    if (fits(text.length)) out.send(frame.guestText, id, 0, 0, text);
  }

  function push(bytes: unknown): void {
    if (reason !== null) return;
    if (!(bytes instanceof ArrayBuffer) || bytes.byteLength < pushHeadBytes || bytes.byteLength > maxChunkBytes) return end('bytes');
    if (fits(bytes.byteLength)) out.send(frame.guestChunk, id, 0, 0, new Uint8Array(bytes));
  }

  async function load(): Promise<void> {
    busySince = isolate.cpuTime;
    onBusy();
    try {
      const context = await isolate.createContext();
      const bridge = Object.entries({ send, push, wake, ...primitives });
      const names = bridge.map(([name], i) => `${name}: $${i}`).join(', ');
      await context.evalClosure(`globalThis.__bridge = { ${names} }`, bridge.map(([, fn]) => new engine.Callback(fn as () => unknown)));
      const compiled = await isolate.compileScript(script.code, { filename: script.name, ...(script.cachedData === undefined ? { produceCachedData: true } : { cachedData: script.cachedData }) });
      script.cachedData ??= (compiled as { cachedData?: ivm.ExternalCopy<ArrayBuffer> }).cachedData;
      await compiled.run(context);
      const found = await context.global.get('__receive', { reference: true });
      if (found.typeof !== 'function') throw new Error('the bundle has no receiver');
      await context.global.delete('__receive');
      receive = found as typeof receive;
    } catch (error) {
      if (isolate.isDisposed) return settleEnd(error);
      busySince = null;
      return end('load', complaintOf(error));
    }
    busySince = null;
    if (reason !== null) return gone();
    out.send(frame.ready, id, Number(isolate.cpuTime / 1000n), 0);
    if (queue.length > 0) void run();
  }

  void load();

  return {
    end,
    deliver(cpuLeftMs, slice, item) {
      if (reason !== null) return;
      held = false;
      if (queue.length >= maxQueue) return end('bytes');
      queue.push(item);
      lastSlice = slice;
      nextLimitMs = Math.max(nextLimitMs, cpuLeftMs);
      void run();
    },
    watch() {
      if (busySince === null) return false;
      if (reason === null && Number((isolate.cpuTime - busySince) / 1000n) > cpuLimitMs * 1000) end('cpu');
      return busySince !== null;
    },
    expire() {
      // loading has a limit of its own, and is no call's fault
      if (busySince === null || receive === null) return;
      const slice = slices;
      const [expiredAt, cpu] = [performance.now(), process.cpuUsage()];
      const check = (): void => {
        if (busySince === null || slices !== slice || reason !== null) return;
        const { user, system } = process.cpuUsage(cpu);
        if ((user + system) / 1_000 >= graceMs || performance.now() - expiredAt >= longestGraceMs) end('deadline');
        else setTimeout(check, graceMs / 2);
      };
      setTimeout(check, graceMs);
    },
    idle() {
      held = true;
    },
  };
}
