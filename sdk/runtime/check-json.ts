import { ValidationError } from '../errors.ts';
import type { Json } from '../json.ts';

/** Deepest nesting that may cross the wall; it also ends the walk through a cycle. */
export const maxJsonDepth = 64;

const plainPrototype = Object.prototype;

/**
 * The first thing that is not JSON, as text, or null. Written as one recursive function without
 * path bookkeeping because it runs on every call; the path is only built for a value that failed.
 */
function issueIn(value: unknown, depth: number, path: (string | number)[]): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : `${value} is not a JSON number`;
    case 'object':
      break;
    default:
      return `${typeof value} is not JSON`;
  }
  if (value === null) return null;
  if (depth === maxJsonDepth) return `nested deeper than ${maxJsonDepth} levels, or circular`;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const issue = issueIn(value[i], depth + 1, path);
      if (issue !== null) {
        path.push(i);
        return issue;
      }
    }
    return null;
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  // A prototype without a prototype of its own is another realm's Object.prototype.
  if (prototype !== plainPrototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${prototype.constructor?.name || 'an object with a prototype'} is not JSON`;
  }
  // Twice as fast as Object.keys; the prototype checked above has no enumerable keys to add.
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    if (key === '__proto__') {
      path.push(key);
      return 'the key __proto__ is refused';
    }
    // JSON leaves such a field out, so an optional property may be passed on as it is.
    if (field === undefined) continue;
    const issue = issueIn(field, depth + 1, path);
    if (issue !== null) {
      path.push(key);
      return issue;
    }
  }
  return null;
}

/** `['a', 0, 'b c']` as `a[0]["b c"]` below the root's name. */
function pathText(root: string, path: readonly (string | number)[]): string {
  let text = root;
  for (const step of path) {
    if (typeof step === 'string' && /^[A-Za-z_$][\w$]*$/.test(step)) text += `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text.slice(0, 200);
}

/**
 * Makes sure that a value is JSON: no functions, symbols, bigints, NaN, dates, maps, class
 * instances, holes, cycles, `__proto__` keys, nor more than {@link maxJsonDepth} levels. Fields that
 * are undefined are allowed in objects, where JSON leaves them out, and refused in arrays.
 *
 * @param root what the value is called in the error, e.g. `result`.
 * @throws VALIDATION_ERROR; `details.field` is the path of the first offender, `details.issue` says why.
 */
export function checkJson(value: unknown, root: string): asserts value is Json {
  const path: (string | number)[] = [];
  const issue = issueIn(value, 0, path);
  if (issue === null) return;
  const field = pathText(root, path.toReversed());
  throw ValidationError({ message: `Only JSON may cross between a plugin and its host: ${field}: ${issue}.`, details: { field, issue } });
}
