import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface ModuleImport {
  specifier: string;
  /** Erased when types are stripped. */
  typeOnly: boolean;
}

export interface Module {
  /** Relative to the root, with slashes. */
  file: string;
  imports: ModuleImport[];
}

const areas = ['config', 'kernel', 'marketplace', 'plugins', 'sdk', 'test'];

/** Comments may quote imports; strings with `//` in them (addresses) must survive. */
const withoutComments = (source: string): string => source.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');

const patterns: readonly (readonly [pattern: RegExp, typeOnly: (match: RegExpExecArray) => boolean])[] = [
  // import x from 'y', import type { x } from 'y', export { x } from 'y', over several lines
  [/^\s*(?:import|export)\s+(type\s+)?[\w*{][^'"`;]*?\sfrom\s+['"]([^'"]+)['"]/gm, (match) => match[1] !== undefined],
  [/^\s*import\s+()['"]([^'"]+)['"]/gm, () => false],
  [/\bimport\s*\(()\s*['"]([^'"]+)['"]/g, () => false],
  [/(?<![.\w])require\s*\(()\s*['"]([^'"]+)['"]/g, () => false],
  [/\bimport\.meta\.resolve\s*\(()\s*['"]([^'"]+)['"]/g, () => false],
];

export function importsOf(source: string): ModuleImport[] {
  const text = withoutComments(source);
  return patterns.flatMap(([pattern, typeOnly]) => Array.from(text.matchAll(pattern), (match) => ({ specifier: match[2] as string, typeOnly: typeOnly(match as RegExpExecArray) })));
}

/** Every TypeScript module of the repository that is ours. */
export async function modulesOf(root: string): Promise<Module[]> {
  const modules: Module[] = [];
  for (const area of areas) {
    for await (const found of glob(`${area}/**/*.ts`, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' || name === 'templates' })) {
      const file = found.split(path.sep).join('/');
      modules.push({ file, imports: importsOf(await readFile(path.join(root, file), 'utf8')) });
    }
  }
  return modules.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}
