import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { bundlePlugin } from '@proofpix/sdk/cli';
import { extractManifest } from './extract-manifest.ts';
import { packageScript } from './package-script.ts';

const quiet = (): undefined => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const source = `import { definePlugin } from '@proofpix/sdk';
export default definePlugin({ id: 'packed', version: '1.0.0', title: 'Packed', description: new TextDecoder().decode(new TextEncoder().encode('häppy')) });
`;

t.test('refuses a script that leaves no plugin', async (test) => {
  await test.rejects(extractManifest(await packageScript('1 + 1;'), { log }), { code: 'BUNDLE_REFUSED' });
});

t.test('a package’s own script runs in the sandbox and shows its manifest', async (test) => {
  const folder = test.testdir();
  await mkdir(path.join(folder, 'node_modules/@proofpix'), { recursive: true });
  await symlink(path.resolve(import.meta.dirname, '../../sdk'), path.join(folder, 'node_modules/@proofpix/sdk'));
  await writeFile(path.join(folder, 'plugin.ts'), source);
  const { code } = await bundlePlugin({ entry: path.join(folder, 'plugin.ts') });
  const manifest = await extractManifest(await packageScript(code), { log });
  test.match(manifest, { id: 'packed', description: 'häppy' });
});
