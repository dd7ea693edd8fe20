import type { ParsersContext } from '../kit.ts';
import type { ExifTool } from './exiftool.ts';
import { withScratchFile } from './scratch-file.ts';
import type { ToolTags } from './tool-tags.ts';

/**
 * ExifTool's tags of content at hand: by a file on disk, which is faster, or by a pipe when the call is confined.
 *
 * @param ending of the file's name, by which some formats are told apart
 * @throws LANE_FAILED, UNAVAILABLE
 */
export function tagsOfContent(ctx: ParsersContext, tool: ExifTool, content: Uint8Array, ending = '', timeoutMs?: number): Promise<ToolTags> {
  return ctx.confined ? tool.readPiped(content, timeoutMs) : withScratchFile(content, content.length, ending, (path) => tool.read(path, timeoutMs));
}
