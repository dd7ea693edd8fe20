import { defineError } from '@proofpix/sdk';

export const CircuitOpen = defineError({ code: 'UNAVAILABLE', kind: 'unavailable', message: 'The plugin is failing and gets a pause.' });

export interface Breaker {
  /** @throws UNAVAILABLE with `retryAfterSeconds` while the circuit is open. */
  enter(key: string): void;
  /** `failed` is true for faults of the plugin itself, never for errors it means to answer with. */
  leave(key: string, failed: boolean): void;
  state(key: string): 'closed' | 'open' | 'half-open';
  reset(key: string): void;
}

export interface BreakerOptions {
  /** Faults in a row that open the circuit; default 10. */
  threshold?: number;
  /** First pause; doubles with each trial that fails, up to a minute. Default 1,000. */
  pauseMs?: number;
  now?: () => number;
}

interface Circuit {
  failures: number;
  openUntil: number;
  pauseMs: number;
  trial: boolean;
}

const longestPauseMs = 60_000;

/** A circuit breaker per plugin version and tenant (Nygard, Release It!, chapter 5). In memory: a node learns for itself. */
export function openBreaker({ threshold = 10, pauseMs = 1000, now = Date.now }: BreakerOptions = {}): Breaker {
  const circuits = new Map<string, Circuit>();

  const stateOf = (circuit: Circuit | undefined): 'closed' | 'open' | 'half-open' => {
    if (circuit === undefined || circuit.openUntil === 0) return 'closed';
    return now() < circuit.openUntil || circuit.trial ? 'open' : 'half-open';
  };

  return {
    enter(key) {
      const circuit = circuits.get(key);
      const state = stateOf(circuit);
      if (state === 'open') throw CircuitOpen({ retryAfterSeconds: Math.max(1, Math.ceil(((circuit as Circuit).openUntil - now()) / 1000)) });
      if (state === 'half-open') (circuit as Circuit).trial = true;
    },
    leave(key, failed) {
      const circuit = circuits.get(key);
      if (!failed) {
        circuits.delete(key);
        return;
      }
      const current = circuit ?? { failures: 0, openUntil: 0, pauseMs, trial: false };
      current.failures++;
      if (current.trial) current.pauseMs = Math.min(current.pauseMs * 2, longestPauseMs);
      if (current.trial || current.failures >= threshold) current.openUntil = now() + current.pauseMs;
      current.trial = false;
      circuits.set(key, current);
    },
    state: (key) => stateOf(circuits.get(key)),
    reset: (key) => void circuits.delete(key),
  };
}
