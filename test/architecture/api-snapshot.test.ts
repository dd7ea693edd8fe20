import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { apiSnapshot } from './api-snapshot.ts';
import { declarationsOf } from './declarations.ts';

const root = path.resolve(import.meta.dirname, '../..');

t.test('reads declarations with and without doc comments', async (test) => {
  const source = "import { A } from './a.ts';\n/** Why. */\nexport interface B {\n    /** Inner. */\n    c: A;\n}\nexport declare const d: 1;\nexport * from './e.ts';\nexport {};\n";
  test.same(declarationsOf(source), [
    { name: null, text: "import { A } from './a.ts';", documented: false },
    { name: 'B', text: 'export interface B {\n    c: A;\n}', documented: true },
    { name: 'd', text: 'export declare const d: 1;', documented: false },
    { name: null, text: "export * from './e.ts';", documented: false },
    { name: null, text: 'export {};', documented: false },
  ]);
});

t.test('the committed snapshot is the SDK’s API; after a wanted change run npm run api:update', async (test) => {
  const now = await apiSnapshot(root);
  for (const name of ['definePlugin', 'interface Context', 'createHarness', 'checkJson', 'readPackage', 'bundlePlugin']) test.match(now, name);
  test.equal(now, await readFile(path.join(root, 'sdk/api-snapshot.txt'), 'utf8'));
});
