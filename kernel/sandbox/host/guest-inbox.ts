import { InternalError, type Json, type PluginError } from '@proofpix/sdk';
import type { SandboxLog } from '../contract.ts';
import type { Budget } from '../errors.ts';
import type { Call } from './call.ts';
import type { Requests } from './requests.ts';
import { parseUntrusted } from './untrusted-json.ts';
import { errorOfGuest } from './wire-error.ts';

/** Messages that mean nothing, within a window; more are a flood. A few come after a call has ended. */
const maxStray = 10_000;
const maxStrayLength = 8_388_608;
const windowMs = 10_000;
const longLine = 65_536;
/** How a message of a call begins; `l` belongs to none. */
const head = /^\["[a-km-z]",(\d{1,10}),/;

export interface GuestInboxOptions {
  log: SandboxLog;
  about: object;
  calls: ReadonlyMap<number, Call>;
  requests: Requests;
  breach(call: Call, budget: Budget): void;
  onResult(call: Call, value: Json): void;
  onError(call: Call, error: PluginError, stack: Json | undefined): void;
  onFlood(): void;
}

export interface GuestInbox {
  text(text: string): void;
  chunk(call: number, request: number, stream: number, bytes: Uint8Array): void;
}

const isNumber = (value: Json | undefined): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;

/** Reads what an isolate sent. All of it may be forged: it is only ever taken for what this isolate's own calls may do. */
export function guestInbox({ log, about, calls, requests, breach, onResult, onError, onFlood }: GuestInboxOptions): GuestInbox {
  let stray = 0;
  let strayLength = 0;
  let windowFrom = 0;

  function mean(length: number): void {
    const now = performance.now();
    if (now - windowFrom > windowMs) [stray, strayLength, windowFrom] = [0, 0, now];
    stray++;
    strayLength += length;
    if (stray === maxStray || (strayLength >= maxStrayLength && strayLength - length < maxStrayLength)) onFlood();
  }

  function read(message: readonly Json[], length: number): void {
    const [kind, id, first, second, third] = message;
    if (kind === 'l') return say(id, first);
    const call = typeof id === 'number' ? calls.get(id) : undefined;
    if (call === undefined) return mean(length);
    if (kind === 'n') call.bytes += Math.min(length, 256);
    else call.bytes += length;
    if (call.bytes > call.target.limits.bytes) return breach(call, 'bytes');
    switch (kind) {
      case 'b':
        return breach(call, 'bytes');
      case 'r':
        return onResult(call, first ?? null);
      case 'e':
        return onError(call, errorOfGuest(first), second);
      case 'c':
        return isNumber(first) ? requests.call(call, first, second, third) : mean(length);
      case 'p':
        return isNumber(first) && isNumber(second) ? requests.pull(call, first, second) : mean(length);
      case 'n':
        return requests.notify(call, first, second, length);
      case 'x':
        if (isNumber(first)) call.dropped += first;
        return;
      default:
        return mean(length);
    }
  }

  /** `console` belongs to no call: the oldest one still open lends its budget. */
  function say(level: Json | undefined, message: Json | undefined): void {
    const text = String(message).slice(0, 4_000);
    const [call] = calls.values();
    if (call === undefined) return mean(text.length);
    requests.notify(call, 'log', [typeof level === 'string' ? level : 'info', text, {}], text.length);
  }

  /** Whose line it is, by its head. */
  const callOf = (line: string): Call | undefined => calls.get(Number(head.exec(line)?.[1]));

  /** A line that names a call which is over, or never was, is not parsed: there may be thousands of them. */
  function isNobodys(line: string): boolean {
    const id = head.exec(line)?.[1];
    if (id === undefined || calls.has(Number(id))) return false;
    mean(line.length);
    return true;
  }

  /** A long line is not even parsed when it is over the budget. */
  function tooLong(line: string): boolean {
    if (line.length < longLine) return false;
    const call = callOf(line);
    if (call === undefined || call.bytes + line.length <= call.target.limits.bytes) return false;
    breach(call, 'bytes');
    return true;
  }

  /** A line that is no JSON, or too deep, ends the call that it names: its guest waits for nothing more. */
  function parsed(line: string): readonly Json[] | null {
    try {
      const message = parseUntrusted(line);
      if (Array.isArray(message)) return message as readonly Json[];
      mean(line.length);
    } catch {
      const call = callOf(line);
      if (call === undefined) mean(line.length);
      else onError(call, InternalError(), 'The plugin sent what is not JSON, or nested too deeply.');
    }
    return null;
  }

  return {
    text(text) {
      for (const line of text.split('\n')) {
        if (isNobodys(line) || tooLong(line)) continue;
        try {
          const message = parsed(line);
          if (message !== null) read(message, line.length);
        } catch (error) {
          // Never let one guest's message end the reading of the others'.
          log.error({ ...about, err: error }, 'a message of a plugin could not be handled');
        }
      }
    },
    chunk(id, request, stream, bytes) {
      const call = calls.get(id);
      if (call === undefined) return mean(bytes.length);
      requests.push(call, request, stream, bytes);
    },
  };
}
