import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english, translations } from '@zxcvbn-ts/language-en';

/** The thread that judges passwords: see password-strength.ts. */

export interface Question {
  id: number;
  password: string;
  words: string[];
}

export interface Answer {
  id: number;
  score: number;
  advice: string[];
}

const estimator = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs, translations });

parentPort?.on('message', ({ id, password, words }: Question) => {
  const { score, feedback } = estimator.check(password, words);
  const advice = [feedback.warning, ...feedback.suggestions].filter((text): text is string => typeof text === 'string' && text !== '');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  parentPort?.postMessage({ id, score, advice } satisfies Answer);
});
