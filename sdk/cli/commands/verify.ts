import { keyIdOf, readPackage, readPublicKey, type TrustedKey, verifyPackage } from '../../packaging/index.ts';
import { type Command, requiredOption, requiredPositional } from '../command.ts';
import { readInput } from '../files.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'check a package against a public key',
  usage: '<package> --key <public.pem> [--publisher <id>]',
  options: { key: { type: 'string' }, publisher: { type: 'string' } },
  maxPositionals: 1,
  async run(input) {
    const { cwd, options } = input;
    const file = requiredPositional(input, 0, 'package');
    const publicKey = readPublicKey((await readInput(cwd, requiredOption(input, 'key'))).toString());
    const pkg = await readPackage(await readInput(cwd, file));
    // Whoever names the key on the command line trusts it for whatever publisher the package names.
    const { publisher = '' } = (pkg.manifest ?? {}) as { publisher?: string };
    const key: TrustedKey = { keyId: keyIdOf(publicKey), publisher: (options.publisher as string | undefined) ?? publisher, publicKey, validFrom: new Date(0), validUntil: null, revoked: false };
    const { manifest, signature } = await verifyPackage(pkg, { find: (keyId) => (keyId === key.keyId ? key : null) });
    return {
      ok: true,
      lines: [`${file} is ${manifest.id} ${manifest.version}, signed by ${signature.publisher} on ${signature.signedAt} with key ${signature.keyId}`],
      data: { id: manifest.id, version: manifest.version, publisher: signature.publisher, keyId: signature.keyId, signedAt: signature.signedAt, digest: pkg.digest },
    };
  },
};
