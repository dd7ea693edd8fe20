import type { MeterRow, SandboxLog, Strike } from '../contract.ts';
import { frame, type GoneReason } from '../runner/frames.ts';
import { hostGuest, type HostGuest, type Loss } from './guest.ts';
import type { Launch } from './launch.ts';
import { spawnRunner } from './runner-process.ts';
import type { Script } from './scripts.ts';

/** A process that is still starting is given this long before its silence counts. */
const startMs = 10_000;
/**
 * Checks that a ping must have outlasted as well: after the server's own event loop was held up,
 * the answer may lie unread in the pipe.
 */
const patience = 10;
/** The same for an isolate that was told to stop: what it takes to read the pipe. */
const readMs = 20;
/** Resident size over which idle isolates are dropped as new ones come, as a share of the limit. */
const crowded = 0.6;

export interface GuestSpec {
  key: string;
  tenantId: string;
  pluginId: string;
  version: string;
  memoryBytes: number;
  proven: boolean;
  script: Script;
  meter: MeterRow;
}

/** One process and the isolates in it. */
export interface Runner {
  readonly pid: number;
  readonly kind: 'pool' | 'solo';
  readonly alive: boolean;
  /** An isolate in it was told to stop and has not yet: if it does not, the process goes. */
  readonly doubtful: boolean;
  readonly guests: ReadonlyMap<number, HostGuest>;
  residentBytes(): number;
  callCount(): number;
  lastUsedAt: number;
  open(spec: GuestSpec): HostGuest;
  /** Drops one isolate; resolves when it is gone, if need be with the whole process. */
  close(guest: HostGuest, why: Loss): Promise<void>;
  forget(script: Script): void;
  /** Looks after a busy process: pings it and weighs it. */
  check(): void;
  /** Drops isolates that nobody has used for a while. */
  tidy(idleMs: number): void;
  kill(): void;
}

export interface RunnerOptions {
  kind: 'pool' | 'solo';
  launch: Launch;
  log: SandboxLog;
  isolatesLimit: number;
  rssLimitBytes: number;
  pingTimeoutMs: number;
  disposeTimeoutMs: number;
  /** An isolate was ended by force, alone or with its process. */
  onStrike(guest: HostGuest, reason: Strike['reason']): void;
  onExit(runner: Runner): void;
}

/** Whose fault the end of a process is. `loss` is what its calls are told, `reason` what it is struck for. */
interface Verdict {
  guest: HostGuest;
  reason: Strike['reason'];
  loss: Loss;
}

let nextGuest = 1;

export function openRunner(options: RunnerOptions): Runner {
  const { kind, launch, log, isolatesLimit, rssLimitBytes, pingTimeoutMs, disposeTimeoutMs, onStrike, onExit } = options;
  const guests = new Map<number, HostGuest>();
  const sent = new Set<number>();
  const closing = new Map<number, { timer: NodeJS.Timeout; gone: PromiseWithResolvers<void> }>();
  const startedAt = performance.now();
  let answered = false;
  let pingedAt: number | null = null;
  let checksSincePing = 0;
  /** Isolates told to stop for what they did: the strike is counted when it is known how that went. */
  const struck = new Map<number, Strike['reason']>();
  let verdict: Verdict | null = null;
  let condemned = false;

  const host = spawnRunner({
    launch,
    log,
    prepare() {
      for (const guest of guests.values()) guest.flush();
    },
    onFrame(message) {
      if (message.type === frame.pong) {
        answered = true;
        pingedAt = null;
      } else guests.get(message.guest)?.receive(message);
    },
    onExit(cause) {
      const guilty = verdict ?? (condemned ? null : crashVerdict(cause.signal));
      if (guests.size > 0 && (guilty !== null || !condemned)) log.warn({ pid: host.pid, ...cause, reason: guilty?.reason, plugin: guilty?.guest.pluginId, tenant: guilty?.guest.tenantId }, 'a sandbox process ended');
      // Strikes first: a call that is tried again must not land beside its murderer.
      if (guilty !== null) struck.set(guilty.guest.id, guilty.reason);
      for (const [id, reason] of struck) {
        const guest = guests.get(id);
        if (guest !== undefined) onStrike(guest, reason);
      }
      onExit(runner);
      for (const guest of guests.values()) guest.lose(guest === guilty?.guest ? guilty.loss : 'innocent');
      for (const { timer, gone } of closing.values()) {
        clearTimeout(timer);
        gone.resolve();
      }
      guests.clear();
    },
  });

  /** Who was on the CPU the longest: what the server can know of a process that is dead or silent. */
  function suspect(): HostGuest | null {
    let found: HostGuest | null = null;
    let since = Number.POSITIVE_INFINITY;
    for (const guest of guests.values()) {
      const at = guest.busySince();
      if (at !== null && at < since) [found, since] = [guest, at];
    }
    return found;
  }

  function crashVerdict(signal: string | null): Verdict | null {
    const guest = suspect();
    // Somebody's doing, and nobody's here.
    if (guest === null || signal === 'SIGKILL' || signal === 'SIGTERM') return null;
    // V8 ends a process of its own accord when memory is refused to it, by one signal or another.
    return { guest, reason: 'crash', loss: signal === null ? 'crash' : 'memory' };
  }

  function condemn(guest: HostGuest | null, reason: Strike['reason'], loss: Loss = reason): void {
    if (guest !== null) verdict ??= { guest, reason, loss };
    condemned = true;
    host.kill();
  }

  /** One that does not go takes its process with it; it is blamed only if it was told to go for what it did. */
  function awaitGone(guest: HostGuest, blame: boolean): Promise<void> {
    const known = closing.get(guest.id);
    if (known !== undefined) return known.gone.promise;
    const gone = Promise.withResolvers<void>();
    const waiting = { timer: setTimeout(again, blame ? disposeTimeoutMs : pingTimeoutMs), gone };
    function again(): void {
      waiting.timer = setTimeout(() => condemn(blame ? guest : null, 'stuck'), readMs);
    }
    closing.set(guest.id, waiting);
    return gone.promise;
  }

  function onEnding(guest: HostGuest, why: GoneReason): void {
    if (why === 'catastrophe') return condemn(guest, 'crash', 'memory');
    void awaitGone(guest, why !== 'closed');
    if (why === 'closed') return guest.lose('evicted');
    if (why !== 'load') struck.set(guest.id, why);
    guest.lose(why);
  }

  function onGone(guest: HostGuest): void {
    const waiting = closing.get(guest.id);
    closing.delete(guest.id);
    guests.delete(guest.id);
    const reason = struck.get(guest.id);
    if (struck.delete(guest.id) && reason !== undefined) onStrike(guest, reason);
    if (guest.open) guest.lose('innocent');
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.gone.resolve();
  }

  const idle = (): HostGuest[] => [...guests.values()].filter((guest) => guest.open && guest.calls.size === 0).toSorted((a, b) => a.lastUsedAt - b.lastUsedAt);

  const runner: Runner = {
    pid: host.pid,
    kind,
    guests,
    lastUsedAt: startedAt,
    get alive() {
      return host.alive && !condemned;
    },
    get doubtful() {
      return struck.size > 0;
    },
    residentBytes: host.residentBytes,
    callCount() {
      let count = 0;
      for (const guest of guests.values()) count += guest.calls.size;
      return count;
    },
    open({ script, ...spec }) {
      if (guests.size >= isolatesLimit || host.residentBytes() > rssLimitBytes * crowded) {
        const [oldest] = idle();
        if (oldest !== undefined) void runner.close(oldest, 'evicted');
      }
      if (!sent.has(script.number)) {
        sent.add(script.number);
        host.send(frame.script, 0, script.number, 0, script.code);
      }
      const guest = hostGuest({ ...spec, id: nextGuest++, sink: host, log, onEnding, onGone });
      guests.set(guest.id, guest);
      host.send(frame.open, guest.id, script.number, Math.max(8, Math.ceil(spec.memoryBytes / 1_048_576)));
      return guest;
    },
    close(guest, why) {
      if (!guests.has(guest.id)) return Promise.resolve();
      guest.lose(why);
      host.send(frame.close, guest.id, 0, 0);
      return awaitGone(guest, false);
    },
    forget(script) {
      if (sent.delete(script.number)) host.send(frame.forget, 0, script.number, 0);
    },
    check() {
      if (!runner.alive) return;
      const now = performance.now();
      const largest = Math.max(0, ...[...guests.values()].map((guest) => guest.memoryBytes));
      if (host.residentBytes() > Math.max(rssLimitBytes, largest * 2)) return condemn(suspect(), 'resident');
      if (pingedAt === null) {
        pingedAt = now;
        checksSincePing = 0;
        host.send(frame.ping, 0, 0, 0);
      } else if (++checksSincePing > patience && now - pingedAt > (answered ? pingTimeoutMs : startMs)) condemn(suspect(), 'stuck');
    },
    tidy(idleMs) {
      const before = performance.now() - idleMs;
      for (const guest of idle()) if (guest.lastUsedAt < before) void runner.close(guest, 'evicted');
    },
    kill() {
      condemned = true;
      host.kill();
    },
  };
  return runner;
}

