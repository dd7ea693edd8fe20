import { Worker } from 'node:worker_threads';
import { Unavailable, ValidationError } from '@proofpix/sdk';
import type { Answer, Question } from './password-estimator.ts';

/** zxcvbn's scale is 0 to 4; 3 withstands about 10^8 guesses. */
const leastScore = 3;
/** what follows would only cost time, which grows faster than the length: 40 characters take up to 0.2 s */
const lookedAt = 40;
const maxWaiting = 50;
const deadlineMs = 30_000;
/** the dictionaries take tens of megabytes, so the thread ends when nobody chooses a password any more */
const idleMs = 60_000;

const busy = () => Unavailable({ message: 'Too many passwords are being checked at once.', retryAfterSeconds: 5 });

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A thread of its own: the estimate is pure computation, and requests must not wait for it. */
function openEstimator() {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let last = 0;

  /** Whoever still waits is told; the next question starts another thread. */
  function end(ended: Worker): void {
    if (worker !== ended) return;
    worker = null;
    clearTimeout(idle);
    void ended.terminate();
    for (const { reject } of waiting.values()) reject(busy());
    waiting.clear();
  }

  function start(): Worker {
    const started = new Worker(new URL('password-estimator.ts', import.meta.url), { name: 'password estimator' });
    started.unref();
    started.on('message', (answer: Answer) => {
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
      if (waiting.size > 0) return;
      started.unref();
      idle = setTimeout(() => end(started), idleMs).unref();
    });
    started.on('error', () => end(started));
    started.on('exit', () => end(started));
    return started;
  }

  return function estimate(question: Omit<Question, 'id'>): Promise<Answer> {
    if (waiting.size >= maxWaiting) return Promise.reject(busy());
    worker ??= start();
    clearTimeout(idle);
    worker.ref();
    const id = ++last;
    const asked = worker;
    return new Promise((resolve, reject) => {
      // one that takes this long holds up all others: the thread ends with it
      const timer = setTimeout(() => end(asked), deadlineMs);
      const settle = <T>(settled: (value: T) => void) => (value: T): void => {
        clearTimeout(timer);
        settled(value);
      };
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
      asked.postMessage({ id, ...question } satisfies Question);
    });
  };
}

const estimate = openEstimator();

/**
 * Refuses a password that can be guessed, and says what would help.
 *
 * @param about - what is known of the user: it makes a bad password
 * @throws VALIDATION_ERROR with `details.suggestions`; UNAVAILABLE when too many are checked at once
 */
export async function requireStrongPassword(password: string, about: readonly string[], field = 'password'): Promise<void> {
  const words = about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).filter((word) => word.length > 1);
  const { score, advice } = await estimate({ password: password.slice(0, lookedAt), words: ['proofpix', ...words] });
  if (score >= leastScore) return;
  throw ValidationError({
    message: ['The password is too easy to guess.', ...advice].join(' '),
    details: { field: `body.${field}`, issue: 'is too easy to guess', suggestions: advice },
  });
}
