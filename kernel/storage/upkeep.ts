import type { Blobs } from './contract.ts';
import type { KeyValueTable } from './key-value.ts';

export interface UpkeepOptions {
  blobs: Pick<Blobs, 'collect'>;
  keyValue: Pick<KeyValueTable, 'sweep'>;
  /** default 5 min */
  intervalMs?: number;
  log: { debug(fields: object, message: string): void; warn(fields: object, message: string): void };
}

const defaultIntervalMs = 300_000;

/** Collects blobs and sweeps expired entries every `intervalMs`, never twice at once. The returned function stops it and waits for a running round. */
export function startUpkeep(options: UpkeepOptions): () => Promise<void> {
  const intervalMs = options.intervalMs ?? defaultIntervalMs;
  let running: Promise<void> | null = null;

  async function round(): Promise<void> {
    try {
      const entries = await options.keyValue.sweep();
      const freed = await options.blobs.collect();
      options.log.debug({ ...freed, entries }, 'storage upkeep');
    } catch (error) {
      options.log.warn({ err: error }, 'storage upkeep failed and is tried again');
    }
  }

  const timer = setInterval(() => {
    running ??= round().finally(() => {
      running = null;
    });
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
