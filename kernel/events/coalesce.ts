/** Runs `work` soon after it was asked for, never twice at once, and once more when asked meanwhile. */
export interface Coalesced {
  /** Never throws. */
  ask(): void;
  /** Resolves when nothing runs and nothing was asked for. */
  idle(): Promise<void>;
  /** Asks from now on are ignored; what runs ends by itself. */
  close(): void;
}

/** @param onError gets what `work` throws; the next ask tries again */
export function coalesce(work: () => Promise<void>, onError: (error: unknown) => void): Coalesced {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  const loop = async (): Promise<void> => {
    do {
      again = false;
      await work().catch(onError);
    } while (again && !closed);
    running = undefined;
  };
  return {
    ask() {
      if (closed) return;
      if (running) again = true;
      else running = Promise.resolve().then(loop);
    },
    async idle() {
      while (running) await running;
    },
    close() {
      closed = true;
    },
  };
}
