import { hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export const masterKeyBytes = 32;

const fileName = 'master-key';

/** A key is written as 64 hex digits or as base64 (also base64url) of 32 bytes. */
function parseKey(text: string): Buffer | null {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === masterKeyBytes ? key : null;
}

async function keptKey(path: string): Promise<Buffer | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const key = parseKey(text);
  if (key === null) throw new Error(`The master key kept in ${path} is damaged: restore the file, or set MASTER_KEY to the key it held`);
  return key;
}

/** The name appears only after the content is on disk, so a crash never leaves half a key. */
async function makeKey(dataDir: string, path: string): Promise<Buffer> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(masterKeyBytes).toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // a link, unlike a rename, fails when another process was faster
    await link(draft, path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  const directory = await open(dataDir, 'r');
  await directory.sync().finally(() => directory.close());
  const kept = await keptKey(path);
  if (kept === null) throw new Error(`The master key could not be kept in ${path}`);
  return kept;
}

/**
 * The deployment's master key: `value` when it is set, else the one kept in `dataDir` (mode 0600), made at first boot.
 * With an external database there is no keeping: a second node would make another one.
 *
 * @throws Error naming MASTER_KEY when it is missing or not 32 bytes in base64 or hex
 */
export async function masterKeyFrom(options: { value: string | undefined; dataDir: string; embedded: boolean }): Promise<Buffer> {
  if (options.value !== undefined && options.value.trim() !== '') {
    const key = parseKey(options.value);
    if (key === null) throw new Error('MASTER_KEY must be 32 bytes in base64 or in hex, for example from: openssl rand -base64 32');
    return key;
  }
  if (!options.embedded) throw new Error('MASTER_KEY is required with an external database: set the same 32 bytes in base64 or hex on every node, for example from: openssl rand -base64 32');
  const path = join(options.dataDir, fileName);
  return (await keptKey(path)) ?? makeKey(options.dataDir, path);
}

/** A key for one purpose (HKDF, RFC 5869): what one purpose leaks says nothing about the others. */
export function deriveKey(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'proofpix', purpose, 32));
}
