import type { Json } from '@proofpix/sdk';
import { limits } from '../../../kernel/sandbox/fixtures/calls.ts';

export interface Expected {
  /** The error's code, or any of several, or null for an answer. */
  code: string | readonly string[] | null;
  budget?: string;
  answer?: Json;
  input?: Json;
  cpuMs?: number;
  timeoutMs?: number;
  /** The method, unless it has the attack's name. */
  method?: string;
  /** What of the budgets ends it, in ms; 0 unless said. Null where it is an amount that a machine takes its time to reach. */
  withinMs?: number | null;
  /** Why it was struck; none unless said. */
  strikes?: string[];
  /** The machine's pace decides whether it comes to a strike. */
  mayGoUnpunished?: true;
}

const cpu = (kind: 'cpu' | 'stuck'): Expected => ({ code: 'BUDGET_EXCEEDED', budget: 'cpu', withinMs: limits.cpuMs, strikes: [kind] });
const refused: Expected = { code: 'INTERNAL_SERVER_ERROR' };
/** The guest's own check of what it sends; what gets past it is in the forgeries. */
const invalid: Expected = { code: ['VALIDATION_ERROR', 'INTERNAL_SERVER_ERROR'] };
const nothingFound: Expected = { code: null, answer: [] };

/** Every attack of `plugin.ts`, by its method, with how it must end. */
export const attacks: Record<string, Expected> = {
  loop: cpu('cpu'),
  loopAfterAwait: cpu('cpu'),
  promiseChain: cpu('cpu'),
  timerChain: { code: 'BUDGET_EXCEEDED', budget: 'cpu', withinMs: limits.cpuMs },
  regex: cpu('cpu'),
  bigInt: cpu('stuck'),
  bigIntText: cpu('stuck'),
  fill: cpu('stuck'),
  hugeFill: cpu('stuck'),
  // Whichever of CPU and memory is used up first.
  strings: { code: 'BUDGET_EXCEEDED', withinMs: limits.cpuMs, strikes: ['cpu', 'stuck', 'crash', 'resident'] },
  arrays: { code: 'BUDGET_EXCEEDED', withinMs: limits.cpuMs, strikes: ['cpu', 'stuck', 'memory', 'crash', 'resident'] },
  typedArrays: { code: ['INTERNAL_SERVER_ERROR', 'BUDGET_EXCEEDED'], withinMs: limits.cpuMs, strikes: ['cpu', 'stuck'], mayGoUnpunished: true },
  // And memory alone.
  stringsWithTime: { method: 'strings', code: 'BUDGET_EXCEEDED', budget: 'memory', cpuMs: 10_000, withinMs: null, strikes: ['crash', 'resident'] },
  arraysWithTime: { method: 'arrays', code: 'BUDGET_EXCEEDED', budget: 'memory', cpuMs: 10_000, withinMs: null, strikes: ['memory', 'crash', 'resident'] },
  typedArraysWithTime: { method: 'typedArrays', code: 'INTERNAL_SERVER_ERROR', cpuMs: 10_000, withinMs: null },
  webAssembly: { code: null, answer: 'none' },
  recursion: refused,
  recursionThroughProxy: refused,
  deepResult: invalid,
  prototypeResult: invalid,
  prototypeCall: invalid,
  seesPrototype: { code: null, answer: ['kept'], input: JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"kept":1}') as Json },
  largeResult: { code: 'BUDGET_EXCEEDED', budget: 'bytes' },
  // Copying it takes CPU, and on a busy machine more of it than a call has.
  hugeResult: { code: 'BUDGET_EXCEEDED', budget: 'bytes', cpuMs: 5_000 },
  largeCall: { code: 'BUDGET_EXCEEDED', budget: 'bytes' },
  callsInSequence: { code: 'BUDGET_EXCEEDED', budget: 'host-calls' },
  callsAtOnce: { code: 'BUDGET_EXCEEDED', budget: 'host-calls' },
  callsWithoutEnd: cpu('cpu'),
  pullsAtOnce: { code: 'BUDGET_EXCEEDED', budget: 'host-calls' },
  logs: { code: null, answer: 'done' },
  console: { code: null, answer: 'done' },
  timers: refused,
  throwingGetter: refused,
  throwsThrower: refused,
  throwsProxy: refused,
  throwsNull: refused,
  throwsLies: refused,
  throwsHuge: { code: 'HUGE' },
  cyclic: invalid,
  never: { code: 'DEADLINE_EXCEEDED', timeoutMs: 300, withinMs: 300 },
  neverButBusy: { code: 'DEADLINE_EXCEEDED', timeoutMs: 300, withinMs: 300 },
  unhandled: { code: null, answer: 'done' },
  constructors: nothingFound,
  globals: nothingFound,
  callSites: nothingFound,
  stolenBridge: nothingFound,
  hostErrors: nothingFound,
  imports: nothingFound,
  nonsense: { code: null, answer: 'still here' },
  otherCalls: { code: null, answer: { forged: 1 } },
  deepAnswer: refused,
  built_ins: { code: 'DEADLINE_EXCEEDED', timeoutMs: 300, withinMs: 300 },
  stray: { code: 'BUDGET_EXCEEDED', budget: 'bytes', strikes: ['bytes', 'stuck'] },
  notText: { code: 'BUDGET_EXCEEDED', budget: 'bytes', strikes: ['bytes'] },
  // Copying it out may well use up the CPU, or the memory of the process, first.
  enormous: { code: 'BUDGET_EXCEEDED', withinMs: limits.cpuMs, strikes: ['bytes', 'stuck', 'cpu', 'resident'] },
};
