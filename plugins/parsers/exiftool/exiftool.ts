import { createLane } from '../lanes/lane.ts';
import { type Command, exifToolCommand } from './command.ts';
import { createOneShotSeat, type PipedResult, type PipedRun } from './one-shot-seat.ts';
import { createStayOpenSeat, type ToolRun } from './stay-open-seat.ts';
import { parseToolTags, readArguments, type ToolTags } from './tool-tags.ts';

/**
 * ExifTool in processes of its own. At most two read at once; a file that holds one up for its deadline ends it.
 *
 * All throw LANE_FAILED and UNAVAILABLE like a lane.
 */
export interface ExifTool {
  read(path: string, timeoutMs?: number): Promise<ToolTags>;
  /** The same without a file on disk; some formats that are told apart by their name's ending are read as their family. */
  readPiped(content: Uint8Array, timeoutMs?: number): Promise<ToolTags>;
  /** Writes a changed copy; when it cannot, there is none. */
  write(path: string, output: string, args: readonly string[], timeoutMs?: number): Promise<void>;
  /** A run over standard input, e.g. to write a copy. */
  pipe(run: PipedRun, timeoutMs?: number): Promise<PipedResult>;
  close(): Promise<void>;
}

const maxTagBytes = 8_388_608;

export function createExifTool(command: Command, options: { timeoutMs?: number; idleMs?: number } = {}): ExifTool {
  const { timeoutMs = 20_000, idleMs = 60_000 } = options;
  const files = createLane<ToolRun, string>({ start: () => createStayOpenSeat(command), seats: 2, timeoutMs, idleMs });
  const pipes = createLane<PipedRun, PipedResult>({ start: () => createOneShotSeat(command), seats: 2, timeoutMs: 3 * timeoutMs, idleMs: 1000 });
  return {
    read: async (path, ownMs) => parseToolTags(await files.ask({ args: [...readArguments, path] }, ownMs)),
    async readPiped(input, ownMs) {
      const { output } = await pipes.ask({ args: [...readArguments, '-'], input, maxOutputBytes: maxTagBytes }, ownMs);
      return parseToolTags(output.toString('utf8'));
    },
    async write(path, output, args, ownMs) {
      await files.ask({ args: [...args, '-o', output, path] }, ownMs);
    },
    pipe: (run, ownMs) => pipes.ask(run, ownMs),
    async close() {
      await Promise.all([files.close(), pipes.close()]);
    },
  };
}

let shared: ExifTool | null | undefined;

/** The one of this process; null where there is no perl. */
export function sharedExifTool(): ExifTool | null {
  if (shared === undefined) {
    const command = exifToolCommand(process.env['PATH'] ?? '/usr/bin:/bin');
    shared = command === null ? null : createExifTool(command);
  }
  return shared;
}
