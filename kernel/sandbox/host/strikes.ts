import type { Match, Strike } from '../contract.ts';

export interface StrikeRules {
  /** Strikes within the window after which a plugin version is stopped for its tenant. */
  limit: number;
  windowMs: number;
  /** The first quarantine; each further one is twice as long. */
  firstMs: number;
  longestMs: number;
  /** Tenants with a quarantined version after which it is stopped for all. */
  tenants: number;
}

export const defaultRules: StrikeRules = { limit: 3, windowMs: 600_000, firstMs: 60_000, longestMs: 3_600_000, tenants: 3 };

interface Subject {
  tenantId: string;
  pluginId: string;
  version: string;
}

interface Sheet extends Subject {
  strikes: number[];
  quarantines: number;
  untilMs: number;
  /** It took a process down: it shares none from now on. */
  solo: boolean;
}

export interface Strikes {
  /** @returns until when this strike stops it, or null. */
  add(subject: Subject, reason: Strike['reason'], nowMs: number): number | null;
  quarantinedUntil(subject: Subject, nowMs: number): number | null;
  isSolo(subject: Subject): boolean;
  release(match: Match): void;
  list(nowMs: number): (Subject & { untilMs: number })[];
}

const killers: ReadonlySet<Strike['reason']> = new Set(['stuck', 'resident', 'crash']);
/** Sheets kept at most; the oldest goes first. */
const maxSheets = 10_000;

const keyOf = ({ tenantId, pluginId, version }: Subject): string => `${tenantId}\n${pluginId}\n${version}`;

export function matches(subject: Subject, { tenantId, pluginId, version }: Match): boolean {
  return (tenantId === undefined || subject.tenantId === tenantId) && (pluginId === undefined || subject.pluginId === pluginId) && (version === undefined || subject.version === version);
}

/** Who has been ended by force, how often, and what follows from it. Scope: this server process. */
export function strikeBook(rules: StrikeRules = defaultRules): Strikes {
  const sheets = new Map<string, Sheet>();

  function sheetOf(subject: Subject): Sheet {
    const known = sheets.get(keyOf(subject));
    if (known !== undefined) return known;
    const { tenantId, pluginId, version } = subject;
    const sheet = { tenantId, pluginId, version, strikes: [], quarantines: 0, untilMs: 0, solo: false };
    sheets.set(keyOf(subject), sheet);
    const [oldest] = sheets.keys();
    if (sheets.size > maxSheets && oldest !== undefined) sheets.delete(oldest);
    return sheet;
  }

  return {
    add(subject, reason, nowMs) {
      const sheet = sheetOf(subject);
      if (killers.has(reason)) sheet.solo = true;
      sheet.strikes = [...sheet.strikes.filter((at) => at > nowMs - rules.windowMs), nowMs];
      if (sheet.strikes.length < rules.limit) return null;
      sheet.strikes = [];
      sheet.untilMs = nowMs + Math.min(rules.longestMs, rules.firstMs * 2 ** sheet.quarantines++);
      return sheet.untilMs;
    },
    quarantinedUntil(subject, nowMs) {
      if (sheets.size === 0) return null;
      const own = sheets.get(keyOf(subject));
      if (own !== undefined && own.untilMs > nowMs) return own.untilMs;
      const others = [...sheets.values()].filter((sheet) => sheet.untilMs > nowMs && sheet.pluginId === subject.pluginId && sheet.version === subject.version);
      return others.length < rules.tenants ? null : Math.max(...others.map(({ untilMs }) => untilMs));
    },
    isSolo: (subject) => sheets.size > 0 && (sheets.get(keyOf(subject))?.solo ?? false),
    release(match) {
      for (const [key, sheet] of sheets) if (matches(sheet, match)) sheets.delete(key);
    },
    list: (nowMs) => [...sheets.values()].filter(({ untilMs }) => untilMs > nowMs).map(({ tenantId, pluginId, version, untilMs }) => ({ tenantId, pluginId, version, untilMs })),
  };
}
