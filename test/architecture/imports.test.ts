import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { importsOf, modulesOf } from './modules.ts';
import { violations, type Workspace } from './rules.ts';
import { readWorkspace } from './workspace.ts';

const root = path.resolve(import.meta.dirname, '../..');

const planted: Workspace = {
  packages: new Map([
    ['@proofpix/sdk', 'sdk'],
    ['@proofpix/kernel', 'kernel'],
    ['@proofpix/marketplace', 'marketplace'],
    ['@proofpix/plugin-files', 'plugins/files'],
    ['@proofpix/plugin-notes', 'plugins/notes'],
  ]),
  dependencies: new Map([['plugins/notes', ['files']], ['plugins/files', []]]),
  pluginIds: new Map([['plugins/files', 'files'], ['plugins/notes', 'notes']]),
  production: new Set(['fastify', 'typebox', 'esbuild']),
};

const forbidden: readonly (readonly [file: string, specifier: string, why: RegExp])[] = [
  ['sdk/context.ts', 'node:crypto', /nothing but typebox/],
  ['sdk/runtime/dispatch.ts', 'semver', /nothing but typebox/],
  ['sdk/index.ts', './testing/index.ts', /nothing but typebox/],
  ['sdk/testing/host.ts', '../../kernel/index.ts', /does not import kernel/],
  ['sdk/cli/sign.ts', '@proofpix/marketplace', /does not import plugin/],
  ['kernel/boot.ts', '@proofpix/plugin-files', /by config\/plugins\.ts/],
  ['kernel/http/root.ts', '../../plugins/files/contract.ts', /by config\/plugins\.ts/],
  ['kernel/http/root.ts', '@proofpix/marketplace', /by config\/plugins\.ts/],
  ['kernel/http/root.ts', '../../config/schema.ts', /only the entry point/],
  ['kernel/http/root.ts', '../../test/support/database.ts', /test code/],
  ['kernel/http/root.ts', 'left-pad', /listed under dependencies/],
  ['plugins/notes/plugin.ts', '@proofpix/kernel', /do not import kernel/],
  ['plugins/notes/plugin.ts', '../../kernel/log.ts', /do not import kernel/],
  ['plugins/notes/plugin.ts', '@proofpix/sdk/runtime', /main entry/],
  ['plugins/notes/plugin.ts', '@proofpix/sdk/packaging', /main entry/],
  ['plugins/notes/plugin.ts', '@proofpix/plugin-files', /only the contract/],
  ['plugins/notes/plugin.ts', '../files/services/documents.ts', /only the contract/],
  ['plugins/files/plugin.ts', '@proofpix/plugin-notes/contract', /does not declare the dependency notes/],
  ['plugins/notes/plugin.ts', './test/support.ts', /test code/],
  ['sdk/examples/journal/plugin.ts', 'fastify', /third-party/],
  ['sdk/examples/journal/plugin.ts', '../../runtime/index.ts', /third-party/],
  ['config/schema.ts', '../kernel/log.ts', /does not import kernel/],
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ['sdk/manifest.ts', 'typebox'],
  ['sdk/runtime/dispatch.ts', '../errors.ts'],
  ['sdk/cli/bundle.ts', 'esbuild'],
  ['kernel/serve.ts', '../config/plugins.ts'],
  ['kernel/plugins/packages.ts', '@proofpix/sdk/packaging'],
  ['kernel/http/root.test.ts', '../../test/support/database.ts'],
  ['plugins/notes/plugin.ts', '@proofpix/sdk'],
  ['plugins/notes/plugin.ts', '@proofpix/plugin-files/contract'],
  ['plugins/notes/routes/get.ts', '../errors.ts'],
  ['plugins/notes/test/get.test.ts', '@proofpix/sdk/testing'],
  ['marketplace/signing/keys.ts', '@proofpix/sdk/packaging'],
  ['sdk/examples/journal/plugin.ts', '@proofpix/sdk'],
  ['test/e2e/boot.test.ts', '@proofpix/kernel'],
];

t.test('reads imports in every form, and none from comments', async (test) => {
  const source = `
    import a from 'one';
    import type { B } from 'two';
    import {
      c,
      type D,
    } from 'three';
    import 'four';
    export { e } from 'five';
    export * from 'six';
    const f = await import('seven');
    const g = require('eight');
    // import x from 'not';
    /* import y from 'not either'; */
    const url = 'https://example.com';
    export const from = 'nine';
  `;
  test.same(importsOf(source).map(({ specifier }) => specifier).toSorted(), ['eight', 'five', 'four', 'one', 'seven', 'six', 'three', 'two']);
  test.same(importsOf(source).filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier), ['two']);
});

t.test('a planted import that points the wrong way is found', async (test) => {
  const base = test.testdir();
  for (const [at, [file, specifier, why]] of forbidden.entries()) {
    const folder = path.join(base, String(at));
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), `import { x } from '${specifier}';\nexport const y = x;\n`);
    const found = violations(await modulesOf(folder), planted);
    test.equal(found.length, 1, `${file} → ${specifier}`);
    test.match(found[0], why);
  }
});

t.test('imports that point the right way are not', async (test) => {
  for (const [file, specifier] of allowed) test.same(violations([{ file, imports: [{ specifier, typeOnly: false }] }], planted), [], `${file} → ${specifier}`);
});

t.test('dependencies of this repository point one way', async (test) => {
  const modules = await modulesOf(root);
  const imports = modules.reduce((sum, module) => sum + module.imports.length, 0);
  // A checker that sees nothing finds nothing.
  test.ok(modules.length > 200, `${modules.length} modules seen`);
  test.ok(imports > 1.5 * modules.length, `${imports} imports seen`);
  for (const area of ['sdk/', 'sdk/runtime/', 'kernel/http/', 'kernel/sandbox/', 'plugins/files/', 'marketplace/', 'config/', 'test/support/']) test.ok(modules.some(({ file }) => file.startsWith(area)), area);
  const workspace = await readWorkspace(root);
  test.ok(workspace.packages.size >= 5);
  test.same(workspace.dependencies.get('plugins/document-intelligence'), ['files', 'parsers', 'ocr', 'scanner', 'images']);
  test.same(violations(modules, workspace), []);
});
