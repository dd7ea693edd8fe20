import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';

/** Words that occur nowhere else, recognisable in all the forms that a program might write them in. */
export interface Canaries {
  /** In every canary of this run. */
  readonly token: string;
  /** One for each place, so that a find names it. */
  word(place: string): string;
  /** Where `bytes` holds one, with what is around it; null for nowhere. */
  find(bytes: Buffer): string | null;
}

/** Base64 of the text wherever it may stand in what was encoded: what its neighbours have a say in is cut off. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const bytes = Buffer.from('x'.repeat(shift) + text);
    return bytes.toString('base64').slice(Math.ceil((shift * 4) / 3), Math.floor((bytes.length * 8) / 6) - 1);
  });
}

export function canaries(): Canaries {
  const letters = 'bcdfghjklmnpqrstvwxz';
  const token = `kanarie${[...randomBytes(12)].map((byte) => letters[byte % letters.length]).join('')}`;
  const upper = token.toUpperCase();
  const hex = Buffer.from(token).toString('hex');
  const utf16 = Buffer.from(token, 'utf16le');
  const forms: [string, Buffer][] = [
    ['UTF-8', Buffer.from(token)],
    ['upper case', Buffer.from(upper)],
    ['UTF-16', utf16],
    ['UTF-16 big-endian', Buffer.from(utf16).swap16()],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ['hex of upper case', Buffer.from(Buffer.from(upper).toString('hex'))],
    ...[...base64Forms(token), ...base64Forms(upper)].map((form): [string, Buffer] => ['base64', Buffer.from(form)]),
  ];
  return {
    token,
    word: (place) => `${token}-${place}`,
    find(bytes) {
      for (const [name, form] of forms) {
        const at = bytes.indexOf(form);
        if (at !== -1) return `${name}: ${bytes.subarray(Math.max(0, at - 40), at + 80).toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.')}`;
      }
      return null;
    },
  };
}

/** Files below a folder in which the canaries are. What vanishes meanwhile holds nothing. */
export async function foundInFiles({ find }: Canaries, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = find(Buffer.from(path));
    if (name !== null) found.push(`the name ${path}`);
    if (!entry.isFile()) continue;
    const hit = find(await readFile(path).catch(() => Buffer.alloc(0)));
    if (hit !== null) found.push(`${path} ${hit}`);
  }
  return found;
}

/** Plain files directly in a folder that came up since then, in which the canaries are. */
export async function foundInNewFiles({ find }: Canaries, folder: string, sinceMs: number): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const info = entry.isFile() ? await stat(path).catch(() => null) : null;
    if (info === null || info.mtimeMs < sinceMs || info.size > 50_000_000) continue;
    const hit = find(await readFile(path).catch(() => Buffer.alloc(0)));
    if (hit !== null) found.push(`${path} ${hit}`);
  }
  return found;
}

/** Rows of all tables of all databases in which the canaries are: on disk a long value may be compressed. */
export async function foundInTables({ find }: Canaries, url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('checkpoint');
    const { rows: tables } = await client.query<{ name: string }>(`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`);
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      for (const { row } of rows) {
        const hit = find(Buffer.from(row));
        if (hit !== null) found.push(`${name} ${hit}`);
      }
    }
    return found;
  } finally {
    await client.end();
  }
}
