import { withDeadline } from './deadline.ts';

/** Rejects when the part is not able to serve. */
export type ReadinessCheck = () => Promise<unknown>;

export interface ReadinessReport {
  ready: boolean;
  checks: Record<string, 'ok' | 'failed'>;
}

export interface Readiness {
  report(): Promise<ReadinessReport>;
  /** From now on the report says no, so that a load balancer looks elsewhere. */
  retire(): void;
}

/** All checks at once, each with its deadline; what exactly failed goes to `onFailure`, not to the caller. */
export function createReadiness(checks: Readonly<Record<string, ReadinessCheck>>, options: { timeoutMs: number; onFailure(name: string, error: unknown): void }): Readiness {
  let retired = false;
  return {
    async report() {
      const names = Object.keys(checks);
      const results = await Promise.allSettled(names.map((name) => withDeadline(Promise.resolve(checks[name]?.()), options.timeoutMs, () => new Error(`${name} did not answer in time`))));
      const report: ReadinessReport = { ready: !retired, checks: {} };
      results.forEach((result, index) => {
        const name = names[index] ?? '';
        report.checks[name] = result.status === 'fulfilled' ? 'ok' : 'failed';
        if (result.status === 'fulfilled') return;
        report.ready = false;
        options.onFailure(name, result.reason);
      });
      return report;
    },
    retire() {
      retired = true;
    },
  };
}
