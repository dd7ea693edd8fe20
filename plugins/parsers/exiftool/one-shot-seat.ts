import { type ChildProcess, spawn } from 'node:child_process';
import type { Outcome, Seat } from '../lanes/seat.ts';
import type { Command } from './command.ts';
import { endWithProcess } from './end-with-process.ts';

/** One run of ExifTool over its standard input. */
export interface PipedRun {
  args: readonly string[];
  input: Uint8Array;
  maxOutputBytes: number;
}

export interface PipedResult {
  output: Buffer;
  /** What it said on its error channel, without ends of lines; at most 2,000 characters. */
  complaint: string;
  exitCode: number | null;
}

const maxComplaint = 2000;

/** Starts an ExifTool for every request and gives it the content by a pipe: slower, but no file is needed on disk. */
export function createOneShotSeat(command: Command): Seat<PipedRun, PipedResult> {
  let child: ChildProcess | null = null;
  return {
    ask: ({ args, input, maxOutputBytes }) =>
      new Promise<Outcome<PipedResult>>((resolve, reject) => {
        const process = spawn(command.file, [...command.args, ...args], { env: command.env, stdio: 'pipe' });
        child = process;
        endWithProcess(process);
        const chunks: Buffer[] = [];
        let sizeBytes = 0;
        let complaint = '';
        process.stdout.on('data', (chunk: Buffer) => {
          sizeBytes += chunk.length;
          chunks.push(chunk);
          if (sizeBytes <= maxOutputBytes) return;
          process.kill('SIGKILL');
          reject(new Error(`ExifTool answered more than ${maxOutputBytes} bytes.`));
        });
        process.stderr.on('data', (chunk: Buffer) => {
          if (complaint.length < maxComplaint) complaint = `${complaint}${chunk.toString('utf8')}`.slice(0, maxComplaint);
        });
        process.on('error', reject);
        process.on('close', (exitCode, signal) => {
          child = null;
          if (signal === null) resolve({ ok: true, value: { output: Buffer.concat(chunks, sizeBytes), complaint: complaint.trim(), exitCode } });
          else reject(new Error(`ExifTool ended with ${signal}.`));
        });
        // It may end before it has read everything, which is not a fault of ours.
        process.stdin.on('error', () => undefined);
        process.stdin.end(input);
      }),
    usable: () => true,
    async end() {
      child?.kill('SIGKILL');
      child = null;
    },
    busy: () => undefined,
  };
}
