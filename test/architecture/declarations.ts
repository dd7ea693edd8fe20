/** One top-level statement of a declaration file. */
export interface Declaration {
  /** What it declares; null for imports and re-exports. */
  name: string | null;
  /** Without comments. */
  text: string;
  documented: boolean;
}

const statementStart = /^(?=\/\*\*|export\b|import\b|declare\b)/m;
const comment = /\/\*[^]*?\*\//g;

/** Declarations of a `.d.ts` as the compiler prints it: statements start in the first column, doc comments above them. */
export function declarationsOf(source: string): Declaration[] {
  const list: Declaration[] = [];
  let documented = false;
  for (const part of source.split(statementStart)) {
    const text = part.replaceAll(comment, '').split('\n').filter((line) => line.trim() !== '').join('\n');
    if (text === '') {
      documented ||= part.includes('/**');
      continue;
    }
    const name = /^export (?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|enum)\s+([\w$]+)/.exec(text)?.[1] ?? null;
    list.push({ name, text, documented: documented || part.trimStart().startsWith('/**') });
    documented = false;
  }
  return list;
}
