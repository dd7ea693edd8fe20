import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseManifest, PublisherMismatch, readPackage, readPrivateKey, signatureOf, signEntries, writePackage } from '../../packaging/index.ts';
import { type Command, requiredOption, requiredPositional } from '../command.ts';
import { readInput } from '../files.ts';

export const sign: Command = {
  name: 'sign',
  summary: 'sign a package with a private key',
  usage: '<package> --key <private.pem> [--out <file>]',
  options: { key: { type: 'string' }, out: { type: 'string' } },
  maxPositionals: 1,
  async run(input) {
    const { cwd, options } = input;
    const file = requiredPositional(input, 0, 'package');
    const privateKey = readPrivateKey((await readInput(cwd, requiredOption(input, 'key'))).toString());
    const pkg = await readPackage(await readInput(cwd, file));
    const { publisher } = parseManifest(pkg.manifest);
    if (publisher === undefined) throw PublisherMismatch({ message: 'The manifest names no publisher: set `publisher` in definePlugin.' });
    const signature = signEntries(pkg.entries, { privateKey, publisher, signedAt: new Date() });
    const bytes = await writePackage({ ...pkg.entries, 'signature.json': signature });
    const out = path.resolve(cwd, (options.out as string | undefined) ?? file);
    await writeFile(out, bytes);
    const { keyId, signedAt } = signatureOf({ ...pkg, entries: { 'signature.json': signature } }) ?? {};
    return { ok: true, lines: [`${path.relative(cwd, out)}  signed by ${publisher} with key ${keyId}`], data: { file: out, keyId, publisher, signedAt, digest: pkg.digest } };
  },
};
