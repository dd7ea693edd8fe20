import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import vm from 'node:vm';
import t from 'tap';
import { type PluginError, isError } from '../errors.ts';
import { bundlePlugin, pluginGlobal } from './bundle.ts';

const tiny = `import { definePlugin } from '@proofpix/sdk';
import { greeting } from './words.ts';
export default definePlugin({ id: 'tiny', version: '1.0.0', title: 'Tiny', description: greeting });
`;

/** A plugin's folder outside the repository, with the SDK linked as npm would. */
async function folderWith(folder: string, files: Record<string, string>): Promise<string> {
  await mkdir(path.join(folder, 'node_modules/@proofpix'), { recursive: true });
  await symlink(path.resolve(import.meta.dirname, '..'), path.join(folder, 'node_modules/@proofpix/sdk'));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return path.join(folder, 'plugin.ts');
}

async function refusal(entry: string): Promise<PluginError> {
  const error = await bundlePlugin({ entry }).then(
    () => null,
    (reason: unknown) => reason as PluginError,
  );
  if (error === null || !isError(error, 'BUNDLE_FAILED')) throw error ?? new Error('was bundled');
  return error;
}

t.test('refuses what a sandbox does not have, naming import and file', async (test) => {
  const entry = await folderWith(test.testdir(), { 'plugin.ts': `import './words.ts';\n${tiny}`, 'words.ts': `import { readFileSync } from 'node:fs';\nexport const greeting = String(readFileSync);` });
  const error = await refusal(entry);
  test.match(error.message, /words\.ts:1:\d+: .*words\.ts imports node:fs: a plugin has no Node modules/);
});

t.test('refuses missing files, missing modules, broken syntax and an entry without a plugin', async (test) => {
  test.match((await refusal(path.join(test.testdir(), 'none.ts'))).message, /There is no file/);
  test.match((await refusal(await folderWith(test.testdir({ a: {} }), { 'plugin.ts': tiny }))).message, /plugin\.ts:2:\d+: Could not resolve/);
  test.match((await refusal(await folderWith(`${test.testdir({ b: {} })}/b`, { 'plugin.ts': 'export default {' }))).message, /plugin\.ts:1:\d+/);
  test.match((await refusal(await folderWith(`${test.testdir({ c: {} })}/c`, { 'plugin.ts': 'export const x = 1;' }))).message, /default/);
});

t.test('the same source gives the same bytes anywhere, and no path of this machine', async (test) => {
  const root = test.testdir({ one: {}, deep: { down: {} } });
  const entry = await folderWith(path.join(root, 'one'), { 'plugin.ts': tiny, 'words.ts': "import old from 'old-style';\nexport const greeting = old.word;" });
  await mkdir(path.join(root, 'one/node_modules/old-style'));
  await writeFile(path.join(root, 'one/node_modules/old-style/package.json'), '{"name":"old-style","version":"2.1.0"}');
  await writeFile(path.join(root, 'one/node_modules/old-style/index.js'), "exports.word = 'hello';");
  const first = await bundlePlugin({ entry });
  await cp(path.join(root, 'one'), path.join(root, 'deep/down/two'), { recursive: true });
  const second = await bundlePlugin({ entry: path.join(root, 'deep/down/two/plugin.ts') });
  test.equal(second.code, first.code);
  test.equal(second.map, first.map);
  test.equal(second.sha256, first.sha256);
  test.match(first.code, /"old-style@2\.1\.0\/index\.js"\(exports/);
  test.notOk(first.code.includes(root));
  test.notOk(first.map.includes(path.resolve(import.meta.dirname, '../..')));

  const context = vm.createContext({ TextEncoder, TextDecoder });
  vm.runInContext(first.code, context);
  const left = (context as Record<string, { plugin: { manifest: { description: string } }; dispatch: unknown }>)[pluginGlobal];
  test.equal(left?.plugin.manifest.description, 'hello');
  test.type(left?.dispatch, 'function');
});
