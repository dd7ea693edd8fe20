import { Unavailable } from '@proofpix/sdk';
import type { SandboxLog, Strike } from '../contract.ts';
import type { HostGuest } from './guest.ts';
import type { Launch } from './launch.ts';
import { openRunner, type GuestSpec, type Runner } from './runner.ts';
import type { Script } from './scripts.ts';

export interface PoolOptions {
  launch: () => Launch;
  log: SandboxLog;
  children: number;
  soloChildren: number;
  isolatesPerChild: number;
  rssLimitBytes: number;
  pingTimeoutMs: number;
  disposeTimeoutMs: number;
  onStrike(guest: HostGuest, reason: Strike['reason']): void;
}

export interface Pool {
  /** The isolate of a key, new if need be. @throws UNAVAILABLE when no process can take it in time. */
  place(spec: GuestSpec, solo: boolean, deadlineMs: number): Promise<HostGuest> | HostGuest;
  runners(): Runner[];
  guests(): HostGuest[];
  close(guest: HostGuest): Promise<void>;
  forget(script: Script): void;
  /** Starts the processes before the first call needs them. */
  warm(): void;
  /** To be told when calls begin; watching ends by itself. */
  busy(): void;
  kills(): number;
  end(): Promise<void>;
}

const watchMs = 20;
const tidyMs = 10_000;
const idleIsolateMs = 600_000;
const idleSoloMs = 60_000;
/** Deaths within this time that are made good at once; more have to wait. */
const freeDeaths = 6;
const deathWindowMs = 10_000;
const longestPauseMs = 5_000;
/** What having an unproven neighbour weighs against having calls to share a process with. */
const riskLoad = 1_000_000;
/** Calls that may wait for a process. */
const maxWaiting = 1_000;

interface Slot {
  runner: Runner | null;
  deaths: number[];
  notBefore: number;
}

export function openPool(options: PoolOptions): Pool {
  const { launch, log, children, soloChildren, isolatesPerChild, onStrike } = options;
  const slots: Slot[] = Array.from({ length: children }, () => ({ runner: null, deaths: [], notBefore: 0 }));
  const solos = new Map<string, Runner>();
  const byKey = new Map<string, { guest: HostGuest; runner: Runner }>();
  const exits = new Set<Promise<void>>();
  let watching: NodeJS.Timeout | null = null;
  let waiting = 0;
  let kills = 0;
  let ended = false;

  function start(kind: Runner['kind'], onExit: () => void): Runner {
    const exited = Promise.withResolvers<void>();
    exits.add(exited.promise);
    return openRunner({
      ...options,
      kind,
      launch: launch(),
      log,
      isolatesLimit: isolatesPerChild,
      onStrike,
      onExit(runner) {
        if (!ended) kills++;
        for (const [key, held] of byKey) if (held.runner === runner) byKey.delete(key);
        onExit();
        exits.delete(exited.promise);
        exited.resolve();
      },
    });
  }

  function fill(slot: Slot): Runner | null {
    if (slot.runner?.alive === true) return slot.runner;
    if (slot.runner !== null || ended || performance.now() < slot.notBefore) return null;
    slot.runner = start('pool', () => {
      slot.runner = null;
      const now = performance.now();
      slot.deaths = [...slot.deaths.filter((at) => at > now - deathWindowMs), now];
      const extra = slot.deaths.length - freeDeaths;
      slot.notBefore = extra <= 0 ? now : now + Math.min(longestPauseMs, 100 * 2 ** extra);
      if (extra <= 0) fill(slot);
    });
    return slot.runner;
  }

  /** Versions that have yet to prove themselves share the last process; the others keep out of it while it has any. */
  function leastBusy(proven: boolean): Runner | null {
    let best: Runner | null = null;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (const slot of proven ? slots : slots.slice(-1)) {
      const runner = fill(slot);
      // What is put there now may have to start again elsewhere in a moment.
      if (runner === null || runner.doubtful) continue;
      const risky = proven && [...runner.guests.values()].some((guest) => !guest.proven);
      const load = runner.callCount() * 1_000 + runner.guests.size + (risky ? riskLoad : 0);
      if (load < bestLoad) [best, bestLoad] = [runner, load];
    }
    return best;
  }

  function soloFor(key: string): Runner | null {
    const known = solos.get(key);
    if (known?.alive === true) return known;
    if (known !== undefined || ended) return null;
    if (solos.size >= soloChildren) {
      const [idle] = [...solos].filter(([, runner]) => runner.callCount() === 0).toSorted(([, a], [, b]) => a.lastUsedAt - b.lastUsedAt);
      if (idle === undefined) return null;
      solos.delete(idle[0]);
      idle[1].kill();
    }
    const runner = start('solo', () => {
      if (solos.get(key) === runner) solos.delete(key);
    });
    solos.set(key, runner);
    return runner;
  }

  function tryPlace(spec: GuestSpec, solo: boolean): HostGuest | null {
    const known = byKey.get(spec.key);
    const moves = known !== undefined && spec.proven && !known.guest.proven && known.guest.calls.size === 0 && slots.length > 1;
    if (known !== undefined && (moves || known.guest.stale)) void known.runner.close(known.guest, 'evicted');
    if (known !== undefined && known.guest.open && known.runner.alive && (known.runner.kind === 'solo') === solo) {
      known.runner.lastUsedAt = performance.now();
      return known.guest;
    }
    const runner = solo ? soloFor(spec.key) : leastBusy(spec.proven);
    if (runner === null) return null;
    runner.lastUsedAt = performance.now();
    const guest = runner.open(spec);
    byKey.set(spec.key, { guest, runner });
    return guest;
  }

  async function placeLater(spec: GuestSpec, solo: boolean, deadlineMs: number): Promise<HostGuest> {
    if (waiting >= maxWaiting) throw Unavailable();
    waiting++;
    try {
      const until = Math.min(deadlineMs, Date.now() + longestPauseMs);
      for (let pauseMs = 5; Date.now() < until; pauseMs = Math.min(20, pauseMs * 2)) {
        if (ended) break;
        const guest = tryPlace(spec, solo);
        if (guest !== null) return guest;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      throw Unavailable();
    } finally {
      waiting--;
    }
  }

  const runners = (): Runner[] => [...slots.flatMap(({ runner }) => runner ?? []), ...solos.values()];

  const tidying = setInterval(() => {
    for (const runner of runners()) runner.tidy(idleIsolateMs);
    const before = performance.now() - idleSoloMs;
    for (const runner of solos.values()) if (runner.callCount() === 0 && runner.lastUsedAt < before) runner.kill();
  }, tidyMs);
  tidying.unref();

  return {
    place: (spec, solo, deadlineMs) => tryPlace(spec, solo) ?? placeLater(spec, solo, deadlineMs),
    runners,
    guests: () => runners().flatMap((runner) => [...runner.guests.values()]),
    async close(guest) {
      const runner = runners().find(({ guests }) => guests.get(guest.id) === guest);
      if (byKey.get(guest.key)?.guest === guest) byKey.delete(guest.key);
      await runner?.close(guest, 'evicted');
    },
    forget(script) {
      for (const runner of runners()) runner.forget(script);
    },
    warm() {
      for (const slot of slots) fill(slot);
    },
    busy() {
      watching ??= setInterval(() => {
        let calls = 0;
        for (const runner of runners()) {
          // Also while an isolate is busy with what is left of calls that have ended.
          if (runner.callCount() === 0 && [...runner.guests.values()].every((guest) => guest.busySince() === null)) continue;
          calls++;
          runner.check();
        }
        if (calls > 0 || watching === null) return;
        clearInterval(watching);
        watching = null;
      }, watchMs);
    },
    kills: () => kills,
    async end() {
      ended = true;
      clearInterval(tidying);
      if (watching !== null) clearInterval(watching);
      for (const runner of runners()) runner.kill();
      await Promise.all(exits);
    },
  };
}
