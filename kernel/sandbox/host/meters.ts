import type { MeterRow, Usage } from '../contract.ts';

/** Rows kept at most; the oldest goes first, for totals that must last are written by whoever listens to `onUsage`. */
const maxRows = 10_000;

export interface Meters {
  of(pluginId: string, tenantId: string): MeterRow;
  add(usage: Usage): void;
  rows(): MeterRow[];
}

/** Who spent what, per plugin and tenant, since this server process started. */
export function openMeters(): Meters {
  const rows = new Map<string, MeterRow>();

  function of(pluginId: string, tenantId: string): MeterRow {
    const key = `${pluginId}\n${tenantId}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = { tenantId, pluginId, calls: 0, errors: 0, cpuMs: 0, wallMs: 0, hostCalls: 0, bytes: 0, dropped: 0, peakHeapBytes: 0 };
      rows.set(key, row);
      const [oldest] = rows.keys();
      if (rows.size > maxRows && oldest !== undefined) rows.delete(oldest);
    }
    return row;
  }

  return {
    of,
    add(usage) {
      const row = of(usage.pluginId, usage.tenantId);
      row.calls++;
      if (usage.outcome !== 'ok') row.errors++;
      for (const name of ['cpuMs', 'wallMs', 'hostCalls', 'bytes', 'dropped'] as const) row[name] += usage[name];
    },
    rows: () => [...rows.values()].map((row) => ({ ...row })),
  };
}
