import { install } from './bridge.ts';
import { post } from './outbox.ts';

/** `console` of a plugin: lines of its own log, like `ctx.log`, but of no particular call. */
const maxLength = 4_000;

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return value instanceof Error ? String(value.stack ?? value) : (JSON.stringify(value) ?? String(value));
  } catch {
    return '[unprintable]';
  }
}

const level = (name: string) => (...args: unknown[]): void => void post(['l', name, args.map(text).join(' ').slice(0, maxLength)]);

install({ console: { log: level('info'), info: level('info'), debug: level('debug'), trace: level('debug'), warn: level('warn'), error: level('error') } });
