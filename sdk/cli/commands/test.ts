import { spawn } from 'node:child_process';
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { type Command, UsageError } from '../command.ts';

const defaultTimeoutSeconds = 300;

async function testFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob('**/*.test.{ts,mts,js,mjs}', { cwd: folder, exclude: (name) => name === 'node_modules' || name === 'dist' })) files.push(file);
  return files.toSorted();
}

/** Runs Node's test runner on the files and resolves with its exit code; null when it ran out of time. */
async function runTests(folder: string, files: readonly string[], options: { json: boolean; timeoutMs: number }): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  // With --json standard output belongs to the result, so the tests' own goes to standard error.
  const child = spawn(process.execPath, ['--test', ...files], { cwd: folder, stdio: ['ignore', options.json ? 2 : 'inherit', 'inherit'] });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, options.timeoutMs);
  child.once('error', reject);
  child.once('exit', (code) => resolve(late ? null : (code ?? 1)));
  return promise.finally(() => clearTimeout(timer));
}

export const test: Command = {
  name: 'test',
  summary: 'run the tests of a plugin: every *.test.ts below its folder',
  usage: '[<folder>] [--timeout <seconds>]',
  options: { timeout: { type: 'string' } },
  maxPositionals: 1,
  async run({ cwd, positionals, options, json }) {
    const folder = path.resolve(cwd, positionals[0] ?? '.');
    const seconds = Number(options.timeout ?? defaultTimeoutSeconds);
    if (!(seconds > 0 && seconds <= 86_400)) throw UsageError({ message: '--timeout is a number of seconds from 1 to 86400.' });
    const files = await testFiles(folder);
    if (files.length === 0) throw UsageError({ message: `There is no *.test.ts below ${folder}.` });
    const exitCode = await runTests(folder, files, { json, timeoutMs: seconds * 1000 });
    const lines = [exitCode === null ? `stopped after ${seconds} s` : `${files.length} test ${files.length === 1 ? 'file' : 'files'} ${exitCode === 0 ? 'passed' : 'ran, and not all passed'}`];
    return { ok: exitCode === 0, lines, data: { files, exitCode } };
  },
};
