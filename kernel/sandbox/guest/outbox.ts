import { bridge, toJson } from './bridge.ts';

/** Messages to the host, one JSON text a line. */
const flushLength = 262_144;
/** A longer message is not sent; the runner would take it for an attack. */
const maxLength = 8_388_608;
/** Turns of the microtask queue without a new message after which a batch leaves. */
const quietTurns = 3;

let lines: string[] = [];
let length = 0;
let scheduled = false;
let quiet = 0;

const turn = Promise.resolve();
const then = Promise.prototype.then.bind(turn) as (run: () => void) => Promise<void>;

function flush(): void {
  const text = lines.join('\n');
  lines = [];
  length = 0;
  if (text !== '') bridge.send(text);
}

function step(): void {
  if (lines.length > 0 && ++quiet <= quietTurns) return void then(step);
  scheduled = false;
  flush();
}

/**
 * Sends one message soon, with those of the same turn. One that is too long becomes the news that
 * its call has used up its bytes.
 */
export function post(message: readonly unknown[]): void {
  let line = toJson(message) as string;
  if (line.length > maxLength) line = toJson(['b', message[1]]);
  lines.push(line);
  length += line.length + 1;
  quiet = 0;
  if (length > flushLength) flush();
  if (scheduled) return;
  scheduled = true;
  void then(step);
}
