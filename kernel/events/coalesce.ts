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
  const state = { asked: false, closed: false };
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    while (state.asked && !state.closed) {
      state.asked = false;
      await work().catch(onError);
    }
    running = undefined;
  };
  return {
    ask() {
      if (state.closed) return;
      state.asked = true;
      running ??= Promise.resolve().then(run);
    },
    async idle() {
      await running;
    },
    close() {
      state.closed = true;
    },
  };
}
