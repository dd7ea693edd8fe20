import { RE2JS, RE2JSException } from 're2js';
import { ValidationError } from '@proofpix/sdk';

/** Instructions of a compiled pattern; its time is text times this, at the worst. */
const mostInstructions = 600;
const mostKept = 200;
/** By pattern. What is kept says nothing about whose it was, and compiles the same for everybody. */
const compiled = new Map<string, RE2JS>();

/**
 * A pattern in RE2 syntax: no back references, no look-around, and so linear time whatever the text is.
 *
 * @throws VALIDATION_ERROR: it does not compile, is too large, or matches nothing at all
 */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  let made: RE2JS;
  try {
    made = RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw ValidationError({ message: `The pattern is not valid: ${error.message.slice(0, 200)}`, details: { field: 'pattern', issue: 'is not valid RE2 syntax' } });
    throw error;
  }
  if (made.programSize() > mostInstructions) throw ValidationError({ message: 'The pattern is too large: its repeats make too many instructions.', details: { field: 'pattern', issue: 'is too large' } });
  if (made.matcher('').lookingAt()) throw ValidationError({ message: 'The pattern matches the empty text.', details: { field: 'pattern', issue: 'matches the empty text' } });
  if (compiled.size >= mostKept) compiled.delete(compiled.keys().next().value as string);
  compiled.set(pattern, made);
  return made;
}
