import { fileURLToPath } from 'node:url';
import { buildPlugin, packageEntries } from '@proofpix/sdk/cli';
import { generateSigningKey, readPrivateKey, signEntries, writePackage, type SigningKeyPair } from '@proofpix/sdk/packaging';

/** Builds and signs the plugin in a folder, as `proofpix build` and `proofpix sign` do. */
export async function signedPackage(folder: URL, { privateKey }: Pick<SigningKeyPair, 'privateKey'>): Promise<{ id: string; version: string; publisher: string; bytes: Buffer; capabilities: string[] }> {
  const path = fileURLToPath(folder);
  const built = await buildPlugin(path);
  const { id, version, publisher = '', capabilities } = built.manifest;
  const entries = await packageEntries(path, built, { map: false });
  const signature = signEntries(entries, { privateKey: readPrivateKey(privateKey), publisher, signedAt: new Date() });
  return { id, version, publisher, bytes: await writePackage({ ...entries, 'signature.json': signature }), capabilities };
}

export { generateSigningKey };

export function packageForm(bytes: Uint8Array, name = 'plugin.ppx'): FormData {
  const form = new FormData();
  form.append('file', new Blob([Uint8Array.from(bytes)], { type: 'application/octet-stream' }), name);
  return form;
}
