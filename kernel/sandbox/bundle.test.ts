import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { bundle, extractManifest } from './index.ts';
import { recordingLog } from './fixtures/calls.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
t.teardown(() => rmSync(folder, { recursive: true }));

t.test('Node.js built-ins are refused, naming import and file', async (t) => {
  await t.rejects(bundle(join(fixtures, 'refused/uses-fs.ts')), { code: 'BUNDLE_REFUSED', message: /uses-fs\.ts imports node:fs/ });
  writeFileSync(join(folder, 'bare.ts'), "import fs from 'fs/promises'; export default fs;");
  await t.rejects(bundle(join(folder, 'bare.ts')), { code: 'BUNDLE_REFUSED', message: /bare\.ts imports fs\/promises/ });
});

t.test('native code, a missing module, a missing export and a syntax error are refused', async (t) => {
  const cases = { "import x from './x.node'; export default x;": /x\.node.*native/, "import x from 'no-such-package'; export default x;": /no-such-package/, 'export const plugin = 1;': /default/, 'export default (;': /case\.ts:1/ };
  for (const [source, message] of Object.entries(cases)) {
    writeFileSync(join(folder, 'case.ts'), source);
    await t.rejects(bundle(join(folder, 'case.ts')), { code: 'BUNDLE_REFUSED', message });
  }
});

t.test('the same source gives the same bytes wherever it lies, and names no path of this machine', async (t) => {
  const here = await bundle(join(fixtures, 'echo.ts'));
  for (const name of ['echo.ts', 'platform.ts']) cpSync(join(fixtures, name), join(folder, name));
  const there = await bundle(join(folder, 'echo.ts'));
  t.equal(here.hash, there.hash);
  t.notMatch(here.code, new RegExp(`${dirname(dirname(fixtures))}|/home/|/root/|node_modules`));
  t.ok(here.inputs.includes('echo.ts'));
});

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
