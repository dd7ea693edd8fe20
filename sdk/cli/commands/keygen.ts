import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateSigningKey } from '../../packaging/index.ts';
import { type Command, UsageError } from '../command.ts';

/** Never overwrites: a lost private key cannot be made again. */
async function writeNew(file: string, content: string, mode: number): Promise<void> {
  try {
    await writeFile(file, content, { mode, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw UsageError({ message: `${file} exists already; a key is never overwritten.`, cause });
  }
}

export const keygen: Command = {
  name: 'keygen',
  summary: 'make an Ed25519 key pair for signing packages',
  usage: '[--out <name>]',
  options: { out: { type: 'string' } },
  maxPositionals: 0,
  async run({ cwd, options }) {
    const name = path.resolve(cwd, (options.out as string | undefined) ?? 'publisher');
    const pair = generateSigningKey();
    const privateFile = `${name}.private.pem`;
    const publicFile = `${name}.public.pem`;
    await mkdir(path.dirname(name), { recursive: true });
    await writeNew(privateFile, pair.privateKey, 0o600);
    await writeNew(publicFile, pair.publicKey, 0o644);
    const lines = [`Key ${pair.keyId}`, `  ${path.relative(cwd, privateFile)}  keep it secret, out of version control, with a backup`, `  ${path.relative(cwd, publicFile)}   give it to whoever is to trust your packages`];
    return { ok: true, lines, data: { keyId: pair.keyId, privateFile, publicFile } };
  },
};
