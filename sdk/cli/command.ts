import type { ParseArgsConfig } from 'node:util';
import { defineError } from '../errors.ts';

/** Wrong use of the command itself, as against something wrong with a plugin. */
export const UsageError = defineError({ code: 'USAGE', kind: 'invalid', message: 'The command was not used as it is meant to be.' });

/** Exit codes; scripts may rely on them. */
export const exitCodes = {
  ok: 0,
  /** What was looked at is not in order: a manifest, a package, a signature, a test. */
  refused: 1,
  usage: 2,
  /** A bug of the command (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;

export interface CommandInput {
  /** Folder that relative paths start from. */
  cwd: string;
  positionals: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** True with `--json`: nothing else may be written to standard output. */
  json: boolean;
}

/** What a command found out, for people and for programs. */
export interface CommandResult {
  ok: boolean;
  lines: readonly string[];
  data: Readonly<Record<string, unknown>>;
}

export interface Command {
  name: string;
  summary: string;
  /** After the name, e.g. `<package> --key <file>`. */
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  maxPositionals: number;
  run(input: CommandInput): Promise<CommandResult>;
}

/** An option that has to be there. @throws USAGE naming it. */
export function requiredOption(input: CommandInput, name: string): string {
  const value = input.options[name];
  if (typeof value !== 'string' || value === '') throw UsageError({ message: `--${name} is needed.` });
  return value;
}

/** An argument that has to be there. @throws USAGE naming it. */
export function requiredPositional(input: CommandInput, at: number, name: string): string {
  const value = input.positionals[at];
  if (value === undefined) throw UsageError({ message: `<${name}> is needed.` });
  return value;
}
