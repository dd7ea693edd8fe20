import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';

const sdk = path.resolve(import.meta.dirname, '..') + path.sep;
const makers = /(?<![\w.]|function )(?:Type\.\w+|defineService|defineError|Nullable)\(/g;
const comment = /^\s*(?:\*|\/\*|\/\/)/;

/**
 * Lets a bundle drop the SDK's schemas that it does not use, such as the manifest's own, which are
 * the host's business: building them takes an isolate several times as long as all the rest. They
 * are values of calls, and esbuild keeps a call unless it is told that it has no effect.
 */
export const unusedSchemas: Plugin = {
  name: 'unused-schemas',
  setup(make) {
    make.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      if (!file.startsWith(sdk) || file.startsWith(`${sdk}examples${path.sep}`)) return undefined;
      const source = await readFile(file, 'utf8');
      const lines = source.split('\n').map((line) => (comment.test(line) ? line : line.replace(makers, '/* @__PURE__ */ $&')));
      return { contents: lines.join('\n'), loader: 'ts' };
    });
  },
};
