import type { Database } from '../database/index.ts';
import type { Events, Signals } from '../events/contract.ts';
import type { Logger } from '../log.ts';

/** Whether the deployment serves its users. */
export interface MaintenanceState {
  on: boolean;
  /** Shown to users. */
  message: string | null;
  /** RFC 3339; when service is expected back. */
  until: string | null;
}

export interface Maintenance {
  /** As this node knows it; other nodes' changes arrive within about a second. */
  current(): MaintenanceState;
}

const topic = 'maintenance';
const inService: MaintenanceState = { on: false, message: null, until: null };

/** Always in service. */
export const noMaintenance: Maintenance = { current: () => inService };

/** Seconds after which a refused client may come back: at the announced end, within a minute otherwise. */
export function retryAfterSeconds(state: MaintenanceState, nowMs: number): number {
  const leftMs = state.until === null ? Number.NaN : Date.parse(state.until) - nowMs;
  return Number.isFinite(leftMs) && leftMs > 0 ? Math.min(86_400, Math.ceil(leftMs / 1_000)) : 60;
}

export interface MaintenanceSwitch extends Maintenance {
  /** Stores the state, tells all nodes and, as `system:maintenance`, all sockets; in one transaction. */
  set(state: MaintenanceState): Promise<void>;
  close(): void;
}

/** Maintenance mode of the whole deployment, kept in the database. */
export async function openMaintenance(deps: { database: Pick<Database, 'system'>; events: Pick<Events, 'publish' | 'wake'>; signals: Signals; log: Logger }): Promise<MaintenanceSwitch> {
  const { database, events, signals, log } = deps;

  const read = (): Promise<MaintenanceState> =>
    database.system(async (em) => {
      const [row] = await em.execute<{ value: MaintenanceState }[]>('select value from kernel.deployment_settings where name = ?', [topic]);
      return row?.value ?? inService;
    });

  // reads may overtake each other: only the last one that was asked for counts
  let asked = 0;
  let state = await read();
  async function refresh(): Promise<void> {
    asked += 1;
    const mine = asked;
    const fresh = await read();
    if (mine === asked) state = fresh;
  }
  const off = signals.on(topic, () => void refresh().catch((error: unknown) => log.warn({ err: error }, 'maintenance mode could not be read')));

  return {
    current: () => state,
    async set(next) {
      await database.system(async (em) => {
        await em.execute('insert into kernel.deployment_settings (name, value, updated_at) values (?, ?::jsonb, now()) on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at', [topic, JSON.stringify(next)]);
        await events.publish({ tenantId: null, to: { deployment: true }, event: 'system:maintenance', data: { on: next.on, message: next.message, until: next.until } }, em);
        await signals.raise(topic, em);
      });
      events.wake();
      // in force here when the caller gets its answer; a read that began before does not count any more
      asked += 1;
      state = next;
    },
    close: off,
  };
}
