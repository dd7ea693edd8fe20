import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { bundle, extractManifest } from './index.ts';
import { recordingLog } from './fixtures/calls.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');

t.test('a manifest is read in a process of its own', async (t) => {
  const log = recordingLog();
  const refused = async (name: string): Promise<unknown> => await extractManifest((await bundle(join(fixtures, `refused/${name}.ts`))).code, { log });
  await t.rejects(refused('throws'), { code: 'BUNDLE_REFUSED', message: /while loading/ });
  await t.rejects(refused('loops'), { code: 'BUNDLE_REFUSED', message: /too much CPU/ });
  await t.rejects(extractManifest('', { log }), { code: 'BUNDLE_REFUSED' });
  await t.rejects(extractManifest('process.exit()', { log }), { code: 'BUNDLE_REFUSED', message: /process is not defined/ });
  const { code } = await bundle(join(fixtures, 'echo.ts'));
  t.match(await extractManifest(code, { log }), { format: 1, id: 'echo', version: '1.0.0', provides: { 'echo.run': {} } });
});
