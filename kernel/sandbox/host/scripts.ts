import { createHash } from 'node:crypto';
import type { Match } from '../contract.ts';
import { BundleRefused } from '../errors.ts';

/** Largest bundle, in characters. */
const maxCodeLength = 8_388_608;

export interface Script {
  /** Unique within this server process. */
  readonly number: number;
  readonly hash: string;
  readonly code: string;
}

let next = 1;

/** Bundles by plugin and version. */
export interface Scripts {
  /** The script that was there before under another text, which is to be forgotten. */
  load(id: string, version: string, code: string): Script | null;
  get(id: string, version: string): Script | undefined;
  of(match: Match): Script[];
}

/** @throws BUNDLE_REFUSED for a bundle over the bound. */
export function makeScript(code: string): Script {
  if (code.length > maxCodeLength) throw BundleRefused({ message: `A bundle has at most ${maxCodeLength} characters.` });
  return { number: next++, hash: createHash('sha256').update(code).digest('hex'), code };
}

export function scriptRegistry(): Scripts {
  const scripts = new Map<string, Script>();
  return {
    load(id, version, code) {
      const known = scripts.get(`${id}@${version}`);
      if (known?.code === code) return null;
      scripts.set(`${id}@${version}`, makeScript(code));
      return known ?? null;
    },
    of: ({ pluginId, version }) => [...scripts].filter(([key]) => (pluginId === undefined || key.startsWith(`${pluginId}@`)) && (version === undefined || key.endsWith(`@${version}`))).map(([, script]) => script),
    get: (id, version) => scripts.get(`${id}@${version}`),
  };
}
