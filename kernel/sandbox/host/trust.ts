/** Calls without a breach after which a plugin version has proven itself. */
const provenCalls = 50;
/** Versions remembered; the oldest goes first and has to prove itself again. */
const maxVersions = 10_000;

/**
 * Which versions have behaved so far, whatever tenant they ran for. A version that has not is kept
 * away from those that have. Scope: this server process.
 */
export interface Trust {
  isProven(pluginId: string, version: string): boolean;
  /** A call ended by itself. */
  good(pluginId: string, version: string): void;
  /** It was ended by force. */
  bad(pluginId: string, version: string): void;
}

export function openTrust(): Trust {
  const calls = new Map<string, number>();
  return {
    isProven: (pluginId, version) => (calls.get(`${pluginId}@${version}`) ?? 0) >= provenCalls,
    good(pluginId, version) {
      const key = `${pluginId}@${version}`;
      const count = calls.get(key) ?? 0;
      if (count >= provenCalls) return;
      calls.set(key, count + 1);
      const [oldest] = calls.keys();
      if (calls.size > maxVersions && oldest !== undefined) calls.delete(oldest);
    },
    bad: (pluginId, version) => void calls.delete(`${pluginId}@${version}`),
  };
}
