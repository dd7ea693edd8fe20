import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Declaration, declarationsOf } from './declarations.ts';

const run = promisify(execFile);

/** Public entries of the SDK: specifier and file. */
const entries = [
  ['@proofpix/sdk', 'index'],
  ['@proofpix/sdk/runtime', 'runtime/index'],
  ['@proofpix/sdk/testing', 'testing/index'],
  ['@proofpix/sdk/packaging', 'packaging/index'],
  ['@proofpix/sdk/cli', 'cli/index'],
] as const;

const compilerTimeoutMs = 110_000;

/** The compiler prints the declarations: it knows the types that are inferred. */
async function emitDeclarations(root: string, outDir: string): Promise<void> {
  const flags = ['--declaration', '--emitDeclarationOnly', '--target', 'esnext', '--lib', 'esnext', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', 'node', '--strict', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax', '--allowImportingTsExtensions', '--skipLibCheck'];
  const files = entries.map(([, file]) => path.join(root, 'sdk', `${file}.ts`));
  // Under tap a child inherits loader hooks in NODE_OPTIONS, with which the compiler's launcher does not start.
  await run('env', ['-u', 'NODE_OPTIONS', process.execPath, path.join(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', '--outDir', outDir, '--rootDir', path.join(root, 'sdk'), ...flags, ...files], { cwd: root, timeout: compilerTimeoutMs });
}

interface Exported {
  declaration: Declaration;
  /** Name under which the entry exports it. */
  as: string;
}

/** What a file exports, its re-exports followed. */
async function exportsOf(file: string): Promise<Exported[]> {
  const declarations = declarationsOf(await readFile(file, 'utf8'));
  const list: Exported[] = declarations.flatMap((declaration) => (declaration.name === null ? [] : [{ declaration, as: declaration.name }]));
  for (const { text } of declarations) {
    const from = /^export [^]*? from '([^']+)'/.exec(text)?.[1];
    if (from === undefined) continue;
    if (!from.startsWith('.')) {
      list.push({ declaration: { name: text, text, documented: true }, as: text });
      continue;
    }
    const target = await exportsOf(path.join(path.dirname(file), from.replace(/\.ts$/, '.d.ts')));
    const named = /^export (?:type )?\{([^}]*)\}/.exec(text)?.[1];
    if (named === undefined) {
      list.push(...target);
      continue;
    }
    for (const item of named.split(',')) {
      const [name = '', as = name] = item.trim().replace(/^type /, '').split(' as ');
      // A schema and the type of its values share a name.
      const found = target.filter((one) => one.as === name);
      if (name !== '' && found.length === 0) throw new Error(`${file} exports ${name}, which ${from} does not declare`);
      list.push(...found.map((one) => ({ ...one, as })));
    }
  }
  return list;
}

/**
 * The SDK's public API as text: every export of every entry with its declaration, sorted, comments
 * left out. What lacks a doc comment is marked, so that this shows in review as well.
 */
export async function apiSnapshot(root: string): Promise<string> {
  const outDir = await mkdtemp(path.join(tmpdir(), 'proofpix-api-'));
  try {
    await emitDeclarations(root, outDir);
    const sections: string[] = [];
    for (const [specifier, file] of entries) {
      const exported = await exportsOf(path.join(outDir, `${file}.d.ts`));
      // One comment serves a schema and the type of its values.
      const documented = new Set(exported.filter(({ declaration }) => declaration.documented).map(({ as }) => as));
      const lines = exported
        .map(({ as, declaration }) => `${documented.has(as) ? '' : '// undocumented\n'}${as === declaration.name ? '' : `// as ${as}\n`}${declaration.text}`)
        .toSorted((a, b) => {
          const [left, right] = [a, b].map((text) => text.replaceAll(/^\/\/.*\n/gm, ''));
          return (left as string) < (right as string) ? -1 : 1;
        });
      sections.push(`# ${specifier}\n\n${lines.join('\n')}\n`);
    }
    return `The public API of the SDK. Made by \`npm run api:update\`; a test fails when it is stale.\n\n${sections.join('\n')}`;
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}
