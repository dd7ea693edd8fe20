import { spawn } from 'node:child_process';
import type { Outcome, Seat } from '../lanes/seat.ts';
import type { Command } from './command.ts';
import { endWithProcess } from './end-with-process.ts';

/** Arguments of one run; none may hold a line break. */
export interface ToolRun {
  args: readonly string[];
}

/** Of one answer; a file that makes ExifTool say more holds more tags than anybody keeps. */
const maxAnswerBytes = 8_388_608;

/**
 * An ExifTool that stays open (its option `-stay_open`): starting perl and its modules costs more than reading a
 * photo. Each run ends with a line that carries its number. It ends by itself when this process does, because its
 * input is closed then.
 */
export function createStayOpenSeat(command: Command): Seat<ToolRun, string> {
  const child = spawn(command.file, [...command.args, '-stay_open', 'True', '-@', '-'], { env: command.env, stdio: ['pipe', 'pipe', 'ignore'] });
  endWithProcess(child);
  let run = 0;
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  let tail = '';
  let settle: { resolve(outcome: Outcome<string>): void; reject(error: unknown): void } | null = null;
  let broken: unknown;

  function breakWith(cause: unknown): void {
    broken ??= cause;
    settle?.reject(cause);
    settle = null;
    child.kill('SIGKILL');
  }

  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) return breakWith(new Error(`ExifTool answered more than ${maxAnswerBytes} bytes.`));
    const mark = `{ready${run}}\n`;
    // Kept apart, because the mark may be split between chunks. In JSON no text ends with a bare end of line.
    tail = `${tail}${chunk.toString('latin1', Math.max(0, chunk.length - 40))}`.slice(-40);
    if (!tail.endsWith(mark)) return;
    const whole = Buffer.concat(chunks, sizeBytes);
    chunks = [];
    sizeBytes = 0;
    tail = '';
    settle?.resolve({ ok: true, value: whole.toString('utf8', 0, whole.length - mark.length) });
    settle = null;
  });
  child.on('error', breakWith);
  child.on('exit', (code, signal) => breakWith(new Error(`ExifTool ended with ${signal ?? code}.`)));
  child.stdin.on('error', breakWith);

  return {
    ask: ({ args }) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        if (args.some((arg) => /[\r\n]/.test(arg))) return reject(new Error('An argument holds a line break.'));
        run += 1;
        settle = { resolve, reject };
        child.stdin.write(`${[...args, `-execute${run}`].join('\n')}\n`);
      }),
    usable: () => broken === undefined,
    async end() {
      settle = null;
      child.kill('SIGKILL');
    },
    busy(isBusy) {
      for (const handle of [child, child.stdin, child.stdout] as { ref?(): void; unref?(): void }[]) {
        if (isBusy) handle.ref?.();
        else handle.unref?.();
      }
    },
  };
}
