import { RE2JS } from 're2js';

/**
 * Regular expressions of plugin schemas run in the host, so they run on an engine whose time is linear in the input:
 * a `pattern` with catastrophic backtracking would stop the whole process. Look-ahead and back-references are refused.
 */
function linear(pattern: string, flags: string): { test(text: string): boolean; toString(): string } {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern), flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
  // Ajv keys its compiled patterns by their text
  return { test: (text) => compiled.matcher(text).find(), toString: () => `/${pattern}/${flags}` };
}

/** In the shape that Ajv's `code.regExp` wants; `code` is only used for standalone output, which is not made here. */
export const linearRegExp = Object.assign(linear, { code: 'linearRegExp' });
