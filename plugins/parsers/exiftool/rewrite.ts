import { readFile, rm } from 'node:fs/promises';
import type { ParsersContext } from '../kit.ts';
import type { ExifTool } from './exiftool.ts';
import { withScratchFile } from './scratch-file.ts';

export type Rewritten = { content: Uint8Array } | { complaint: string };

/**
 * A copy of content as ExifTool writes it: by files on disk, or by pipes when the call is confined.
 *
 * @param args what to change, without input and output
 * @throws LANE_FAILED, UNAVAILABLE
 */
export async function rewrite(ctx: ParsersContext, tool: ExifTool, content: Uint8Array, args: readonly string[]): Promise<Rewritten> {
  const made = ctx.confined ? null : await byFile(tool, content, args);
  if (made !== null) return { content: made };
  // Also for the sake of what it complains about, which the one that stays open does not tell.
  const { output, complaint, exitCode } = await tool.pipe({ args: [...args, '-o', '-', '-'], input: content, maxOutputBytes: content.length + 1_048_576 });
  return output.length > 0 ? { content: output } : { complaint: `${exitCode}: ${complaint}` };
}

async function byFile(tool: ExifTool, content: Uint8Array, args: readonly string[]): Promise<Uint8Array | null> {
  return await withScratchFile(content, 2 * content.length, '', async (path) => {
    const output = `${path}-out`;
    try {
      await tool.write(path, output, args);
      return await readFile(output);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return null;
      throw error;
    } finally {
      await rm(output, { force: true });
    }
  });
}
