import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { runCli } from './run-cli.ts';

const source = (version: string, capabilities = "['jobs']") => `import { definePlugin } from '@proofpix/sdk';
export default definePlugin({ id: 'tiny', version: '${version}', title: 'Tiny', description: 'Does little.', publisher: 'acme', capabilities: ${capabilities} });
`;

/** A plugin's folder outside the repository, with the SDK linked as npm would. */
async function author(folder: string, files: Record<string, string>) {
  await mkdir(path.join(folder, 'node_modules/@proofpix'), { recursive: true });
  await symlink(path.resolve(import.meta.dirname, '..'), path.join(folder, 'node_modules/@proofpix/sdk'));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return async (...args: string[]) => {
    let out = '';
    let err = '';
    const code = await runCli(args, { cwd: folder, out: (text) => void (out += text), error: (text) => void (err += text) });
    // What a result's fields are, each test knows.
    // oxlint-disable-next-line typescript/no-explicit-any
    const json = (): any => JSON.parse(out);
    return { code, out, err, json };
  };
}

t.test('wrong use exits with 2 and says how it is meant', async (test) => {
  const proofpix = await author(test.testdir(), {});
  for (const args of [['launch'], ['sign'], ['sign', 'x.ppx'], ['build', 'a', 'b'], ['build', '--fast'], ['verify', 'none.ppx', '--key', 'none.pem'], ['build'], ['test'], ['test', '--timeout', 'soon']]) {
    const { code, err } = await proofpix(...args);
    test.equal(code, 2, args.join(' '));
    test.match(err, /\[USAGE\][^]*Usage: proofpix/);
  }
  test.match((await proofpix('launch', '--json')).json(), { ok: false, error: { code: 'USAGE' } });
  test.equal((await proofpix()).code, 2);
  test.equal((await proofpix('--help')).code, 0);
  test.match((await proofpix('sign', '--help')).out, /<package> --key/);
});

t.test('validate names everything that is wrong', async (test) => {
  const proofpix = await author(test.testdir(), { 'plugin.ts': source('one', "['root', 'jobs']"), 'broken.json': '{' });
  const { code, err } = await proofpix('validate');
  test.equal(code, 1);
  test.match(err, /2 things are wrong[^]*\/version: is not a semantic version[^]*\/capabilities\/0: "root" is not a capability/);
  test.match((await proofpix('validate', '--json')).json(), { ok: false, command: 'validate', issues: [{ path: '/version' }, { path: '/capabilities/0' }] });
  test.equal((await proofpix('validate', 'broken.json')).code, 2);
  test.match(await proofpix('build'), { code: 1, err: /MANIFEST_INVALID[^]*\/capabilities\/0/ });
});

t.test('build refuses a plugin that cannot load or lacks a README', async (test) => {
  test.match(await (await author(test.testdir(), { 'plugin.ts': source('1.0.0') }))('build'), { code: 2, err: /README\.md/ });
  test.match(await (await author(`${test.testdir({ a: {} })}/a`, { 'plugin.ts': 'throw new Error("at once");', 'README.md': '# x' }))('build'), { code: 1, err: /No matching export|BUNDLE_FAILED/ });
  test.match(await (await author(`${test.testdir({ b: {} })}/b`, { 'plugin.ts': 'export default 5;', 'README.md': '# x' }))('build'), { code: 1, err: /not a plugin/ });
  test.match(await (await author(`${test.testdir({ c: {} })}/c`, { 'plugin.ts': 'for (;;) {}\nexport default 5;', 'README.md': '# x' }))('build'), { code: 1, err: /timed out/ });
});

t.test('from source to a verified package, and what breaks it', async (test) => {
  const folder = test.testdir();
  const proofpix = await author(folder, { 'plugin.ts': source('1.0.0'), 'README.md': '# Tiny\n', 'CHANGELOG.md': '# 1.0.0\n' });
  test.match(await proofpix('validate'), { code: 0, out: /tiny 1\.0\.0 is in order[^]*jobs: Run work in the background/ });

  const first = (await proofpix('build', '--json')).json();
  const bytes = await readFile(first.file);
  const second = (await proofpix('build', '--json')).json();
  test.equal(second.digest, first.digest);
  test.ok(bytes.equals(await readFile(second.file)), 'built twice, the same bytes');
  test.equal(path.basename(first.file), 'tiny-1.0.0.ppx');

  test.equal((await proofpix('keygen', '--out', 'keys/acme')).code, 0);
  test.equal((await stat(path.join(folder, 'keys/acme.private.pem'))).mode & 0o777, 0o600);
  test.match(await proofpix('keygen', '--out', 'keys/acme'), { code: 2, err: /never overwritten/ });
  await proofpix('keygen', '--out', 'keys/other');

  const file = 'dist/tiny-1.0.0.ppx';
  test.match(await proofpix('verify', file, '--key', 'keys/acme.public.pem'), { code: 1, err: /SIGNATURE_MISSING/ });
  test.match(await proofpix('sign', file, '--key', 'keys/acme.public.pem'), { code: 1, err: /KEY_INVALID/ });
  test.match((await proofpix('sign', file, '--key', 'keys/acme.private.pem', '--json')).json(), { ok: true, publisher: 'acme', digest: first.digest });
  test.match(await proofpix('verify', file, '--key', 'keys/acme.public.pem'), { code: 0, out: /tiny 1\.0\.0, signed by acme/ });
  test.match(await proofpix('verify', file, '--key', 'keys/other.public.pem'), { code: 1, err: /SIGNATURE_KEY_UNKNOWN/ });
  test.match(await proofpix('verify', file, '--key', 'keys/acme.public.pem', '--publisher', 'umbrella'), { code: 1, err: /SIGNATURE_PUBLISHER_MISMATCH/ });
  test.match(await proofpix('validate', file), { code: 0 });
  const signed = await readFile(path.join(folder, file));
  await writeFile(path.join(folder, 'cut.ppx'), signed.subarray(0, signed.length / 2));
  test.match((await proofpix('verify', 'cut.ppx', '--key', 'keys/acme.public.pem', '--json')).json(), { ok: false, error: { code: 'PACKAGE_TRUNCATED' } });
});

t.test('test runs the plugin’s tests and tells how they ended', async (test) => {
  const good = "import test from 'node:test';\ntest('fine', () => {});\n";
  const bad = "import test from 'node:test';\ntest('not fine', () => { throw new Error('no'); });\n";
  const folder = test.testdir();
  const proofpix = await author(folder, { 'a.test.ts': good });
  test.match((await proofpix('test', '--json')).json(), { ok: true, files: ['a.test.ts'], exitCode: 0 });
  await writeFile(path.join(folder, 'b.test.ts'), bad);
  test.match(await proofpix('test', '--json'), { code: 1 });
});
