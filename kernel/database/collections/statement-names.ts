/**
 * Names of prepared statements. A name makes PostgreSQL keep the plan on each connection, so only statements that come
 * again get one, and only so many: every name costs memory on every connection of the pool.
 */
export interface StatementNames {
  /** The name of this text within `scope`; undefined: run it unnamed. */
  nameOf(scope: string, text: string): string | undefined;
}

const usesBeforeNamed = 2;

/** `maxNames` names at the most, and as many candidates remembered; long texts are never named. */
export function statementNames(maxNames = 1_000, maxTextLength = 20_000): StatementNames {
  const names = new Map<string, string>();
  const candidates = new Map<string, number>();
  return {
    nameOf(scope, text) {
      const key = `${scope}\n${text}`;
      const known = names.get(key);
      if (known !== undefined) return known;
      if (names.size >= maxNames || text.length > maxTextLength) return undefined;
      const uses = (candidates.get(key) ?? 0) + 1;
      if (uses < usesBeforeNamed) {
        if (candidates.size >= maxNames) candidates.delete(candidates.keys().next().value ?? '');
        candidates.set(key, uses);
        return undefined;
      }
      candidates.delete(key);
      const name = `px${names.size + 1}`;
      names.set(key, name);
      return name;
    },
  };
}
