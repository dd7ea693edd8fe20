import { FileDamaged, FileUnsupported } from '../errors.ts';
import type { Rewritten } from '../exiftool/rewrite.ts';
import type { ToolTags } from '../exiftool/tool-tags.ts';
import { pictureEnd } from '../structure/picture-tail.ts';
import type { Kind } from '../structure/sniff.ts';

/** Groups that describe the pixels: dimensions, colours, frames. */
const harmless = /^(?:File|Composite|JFIF|Adobe|ICC_Profile|ICC-.+|PNG|PNG-pHYs|PNG-cICP|RIFF|GIF|Animation|Meta|QuickTime|ItemList|Track\d+|HEIC|AVIF|IFD\d+|SubIFD\d*)$/;

/** What a directory of TIFF needs in order to be shown (TIFF 6.0), with the orientation. */
const pixelTags =
  /^(?:(?:Image|Tile)(?:Width|Height|Length)|BitsPerSample|Compression|PhotometricInterpretation|(?:Strip|Tile)(?:Offsets|ByteCounts)|SamplesPerPixel|RowsPerStrip|PlanarConfiguration|Predictor|ExtraSamples|SampleFormat|Orientation|[XY]Resolution|ResolutionUnit|SubfileType|OldSubfileType|FillOrder|ColorMap|YCbCr\w+|ReferenceBlackWhite|JPEGTables|T4Options|T6Options|PageNumber|WhitePoint|PrimaryChromaticities|TransferFunction|InkSet|NumberOfInks|DotRange|HalftoneHints|Thresholding|MinSampleValue|MaxSampleValue|[SX]MinSampleValue|SMaxSampleValue)$/;
/** Texts and times that a container has fields for. */
const spoken = /^(?:Title|Author|Artist|Description|Copyright|CreationTime|Software|Disclaimer|Warning|Source|Comment|Parameters|XMLPacket|ModifyDate|CreateDate|RawProfileType\w*)$/;

/** What is still there and should not be: group and tag. */
export function leftovers({ printed }: ToolTags): string[] {
  return Object.entries(printed).flatMap(([group, tags]) => {
    const names = Object.keys(tags);
    if (!harmless.test(group)) return names.map((name) => `${group}:${name}`);
    const bad = /^(?:IFD|SubIFD)/.test(group) ? names.filter((name) => !pixelTags.test(name)) : names.filter((name) => spoken.test(name) && group !== 'ICC_Profile' && !group.startsWith('ICC-'));
    return bad.map((name) => `${group}:${name}`);
  });
}

export interface PictureTools {
  tagsOf(content: Uint8Array): Promise<ToolTags>;
  rewrite(content: Uint8Array, args: readonly string[]): Promise<Rewritten>;
}

/**
 * A picture without metadata, its pixels untouched: ExifTool takes everything out and puts the orientation back. What
 * comes out is read again; if anything is left, there is no copy.
 *
 * @throws FILE_UNSUPPORTED, FILE_DAMAGED; LANE_FAILED, UNAVAILABLE
 */
export async function stripPicture({ tagsOf, rewrite }: PictureTools, content: Uint8Array, kind: Kind): Promise<{ content: Uint8Array; removed: string[] }> {
  // What stands behind the end of the picture is none of it.
  const end = pictureEnd(content, kind) ?? content.length;
  const before = await tagsOf(content);
  if (before.error !== null) throw FileDamaged({ cause: before.error });
  const made = await rewrite(content.subarray(0, end), ['-all=', '--ICC_Profile:all', '-CommonIFD0=', '-tagsfromfile', '@', '-IFD0:Orientation']);
  if ('complaint' in made) throw /can't write|not supported|not yet support/i.test(made.complaint) ? FileUnsupported({ cause: made.complaint }) : FileDamaged({ cause: made.complaint });
  const after = await tagsOf(made.content);
  if (after.error !== null) throw FileDamaged({ cause: after.error });
  // ExifTool calls the only picture of some TIFFs a preview.
  const left = leftovers(after).filter((tag) => kind !== 'tiff' || !tag.startsWith('IFD0:PreviewImage'));
  if (left.length > 0) throw FileUnsupported({ message: 'Not all metadata can be taken out of this file.', cause: left.join(', ') });
  const removed = Object.keys(before.printed).filter((group) => after.printed[group] === undefined && group !== 'Composite');
  if (end < content.length) removed.push('Trailer');
  return { content: made.content, removed };
}
