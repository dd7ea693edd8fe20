import { ValidationError } from '@proofpix/sdk';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** zxcvbn's scale is 0 to 4; 3 withstands about 10^8 guesses. */
const leastScore = 3;
/** more than this only costs time: by then the score is settled */
const lookedAt = 100;

let loading: Promise<ZxcvbnFactory> | null = null;

/** The dictionaries take tens of megabytes, so they are loaded when somebody first chooses a password. */
async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, common, english] = await Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common'), import('@zxcvbn-ts/language-en')]);
  return new Factory({ dictionary: { ...common.dictionary, ...english.dictionary }, graphs: common.adjacencyGraphs, translations: english.translations });
}

/**
 * Refuses a password that can be guessed, and says what would help.
 *
 * @param about - what is known of the user: it makes a bad password
 * @throws VALIDATION_ERROR with `details.suggestions`
 */
export async function requireStrongPassword(password: string, about: readonly string[], field = 'password'): Promise<void> {
  loading ??= load();
  const estimator = await loading.catch((error: unknown) => {
    loading = null;
    throw error;
  });
  const words = about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).filter((word) => word.length > 1);
  const { score, feedback } = estimator.check(password.slice(0, lookedAt), ['proofpix', ...words]);
  if (score >= leastScore) return;
  const advice = [feedback.warning, ...feedback.suggestions].filter((text): text is string => typeof text === 'string' && text !== '');
  throw ValidationError({
    message: ['The password is too easy to guess.', ...advice].join(' '),
    details: { field: `body.${field}`, issue: 'is too easy to guess', suggestions: advice },
  });
}
