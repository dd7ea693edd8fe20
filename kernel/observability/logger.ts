import { pino, type DestinationStream } from 'pino';
import type { Logger } from '../log.ts';

/** Names whose values are secrets wherever they are logged, up to three levels down. */
const secretNames = ['authorization', 'cookie', 'set-cookie', 'x-api-key', 'apiKey', 'password', 'newPassword', 'currentPassword', 'token', 'accessToken', 'refreshToken', 'idToken', 'secret', 'clientSecret', 'masterKey', 'privateKey', 'otp', 'recoveryCodes'];

function pathsOf(name: string): string[] {
  const step = /^[A-Za-z]+$/.test(name) ? `.${name}` : `["${name}"]`;
  const top = step.startsWith('.') ? name : step;
  return [top, `*${step}`, `*.*${step}`];
}

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Default: standard output, written asynchronously. */
  destination?: DestinationStream;
}

/** The process's logger: one JSON object a line, secrets replaced. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  return pino({ level, redact: { paths: secretNames.flatMap(pathsOf), censor: '[secret]' }, base: null }, destination ?? pino.destination({ sync: false, minLength: 4_096 }));
}
