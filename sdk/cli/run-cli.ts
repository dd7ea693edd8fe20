import { parseArgs } from 'node:util';
import { isError, PluginError } from '../errors.ts';
import { type Command, exitCodes, UsageError } from './command.ts';
import { build } from './commands/build.ts';
import { keygen } from './commands/keygen.ts';
import { sign } from './commands/sign.ts';
import { test } from './commands/test.ts';
import { problemsOf, validate } from './commands/validate.ts';
import { verify } from './commands/verify.ts';

const commands: readonly Command[] = [keygen, validate, build, sign, verify, test];

/** Where the command runs and writes to. */
export interface CliStreams {
  cwd: string;
  out(text: string): void;
  error(text: string): void;
}

function help(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return ['Usage: proofpix <command> [options] [--json]', '', ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`), '', 'proofpix <command> --help tells a command’s options.', ''].join('\n');
}

const commandHelp = ({ name, summary, usage }: Command): string => `Usage: proofpix ${name} ${usage} [--json]\n\n${summary}\n`;

function parsed(command: Command, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...command.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } }, allowPositionals: true, strict: true });
    if (positionals.length > command.maxPositionals) throw UsageError({ message: `"${positionals[command.maxPositionals]}" is one argument too many.` });
    return { values: values as Record<string, string | boolean | undefined>, positionals };
  } catch (error) {
    throw error instanceof PluginError ? error : UsageError({ message: (error as Error).message, cause: error });
  }
}

/** Reports what was thrown, for people on standard error or as JSON on standard output; returns the exit code. */
function report(error: unknown, command: Command | null, json: boolean, { out, error: err }: CliStreams): number {
  const known = error instanceof PluginError;
  const code = known ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  if (json) out(`${JSON.stringify({ ok: false, command: command?.name ?? null, error: { code, message, details: known ? (error.details ?? {}) : {} } })}\n`);
  else {
    const all = problemsOf(error);
    err(`proofpix${command === null ? '' : ` ${command.name}`}: ${message} [${code}]\n`);
    if (all.length > 1) err(`${all.join('\n')}\n`);
    if (isError(error, 'USAGE')) err(`\n${command === null ? help() : commandHelp(command)}`);
    if (!known && error instanceof Error) err(`${error.stack}\n`);
  }
  if (isError(error, 'USAGE')) return exitCodes.usage;
  return known ? exitCodes.refused : exitCodes.internal;
}

/** The `proofpix` command: arguments in, text out, exit code back. */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  const [name, ...rest] = args;
  const json = args.includes('--json');
  const command = commands.find((candidate) => candidate.name === name) ?? null;
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      streams.out(help());
      return name === undefined ? exitCodes.usage : exitCodes.ok;
    }
    if (command === null) throw UsageError({ message: `There is no command "${name}".` });
    const { values, positionals } = parsed(command, rest);
    if (values.help === true) {
      streams.out(commandHelp(command));
      return exitCodes.ok;
    }
    const result = await command.run({ cwd: streams.cwd, positionals, options: values, json });
    if (json) streams.out(`${JSON.stringify({ ok: result.ok, command: command.name, ...result.data })}\n`);
    else (result.ok ? streams.out : streams.error)(`${result.lines.join('\n')}\n`);
    return result.ok ? exitCodes.ok : exitCodes.refused;
  } catch (error) {
    return report(error, command, json, streams);
  }
}
