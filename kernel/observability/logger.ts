import { pino, type DestinationStream } from 'pino';
import type { Logger } from '../log.ts';

/** Names whose values are secrets wherever they are logged, up to three levels down. */
const secretNames = ['authorization', 'cookie', 'set-cookie', 'x-api-key', 'apiKey', 'password', 'newPassword', 'currentPassword', 'token', 'accessToken', 'refreshToken', 'idToken', 'secret', 'clientSecret', 'masterKey', 'privateKey', 'otp', 'recoveryCodes', 'signingSecret'];

function pathsOf(name: string): string[] {
  const step = /^[A-Za-z]+$/.test(name) ? `.${name}` : `["${name}"]`;
  const top = step.startsWith('.') ? name : step;
  return [top, `*${step}`, `*.*${step}`];
}

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Default: {@link LoggerOptions.file}. */
  destination?: DestinationStream;
  /** Default: standard output. */
  file?: string;
}

/** Lines leave in blocks of this size, or after this time; a process killed by SIGKILL takes what it had not written with it. */
const blockBytes = 4_096;
const longestWaitMs = 1_000;
/** What may wait when nobody reads the output; more is dropped. */
const maxWaitingBytes = 16_777_216;

/** The process's logger: one JSON object a line, secrets replaced. What is left is written when the process exits. */
export function createLogger({ level, destination, file }: LoggerOptions): Logger {
  return pino({ level, redact: { paths: secretNames.flatMap(pathsOf), censor: '[secret]' }, base: null }, destination ?? pino.destination({ ...(file === undefined ? {} : { dest: file }), sync: false, minLength: blockBytes, periodicFlush: longestWaitMs, maxLength: maxWaitingBytes }));
}
