import type { ProcessingWarning } from '@proofpix/plugin-files/contract';
import type { MetadataReport } from '@proofpix/plugin-parsers/contract';
import type { Metadata } from '../../contract.ts';
import type { Analysis } from './analysis.ts';

/** Of all metadata of a report as JSON; the step's record has the rest. */
const maxBytes = 65_536;

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** `metadata` of the report: without the largest groups of tags when they are too much for an event. */
export function boundedMetadata({ mimeType, sizeBytes, sha256 }: Pick<Analysis, 'mimeType' | 'sizeBytes' | 'sha256'>, report: MetadataReport | null): { kept: Metadata; warnings: ProcessingWarning[] } {
  const { image = null, capture = null, camera = null, exposure = null, description = null, gps = null } = report ?? {};
  const kept: Metadata = { mimeType, sizeBytes, sha256, image, capture, camera, exposure, description, gps, tags: { ...report?.tags } };
  const left: string[] = [];
  let bytes = sizeOf(kept);
  for (const [group, groupBytes] of Object.entries(kept.tags).map(([name, tags]) => [name, sizeOf(tags)] as const).toSorted((a, b) => b[1] - a[1])) {
    if (bytes <= maxBytes) break;
    delete kept.tags[group];
    // its name, quotes, colon and comma
    bytes -= groupBytes + sizeOf(group) + 2;
    left.push(group);
  }
  return { kept, warnings: left.length === 0 ? [] : [{ code: 'TAGS_LEFT_OUT', message: `These tags were too large to keep here: ${left.join(', ')}.`.slice(0, 500) }] };
}
