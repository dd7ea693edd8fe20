import { captureOf } from './capture.ts';
import type { TagReport } from './messages.ts';
import { plainObject } from './plain-json.ts';
import { positionOf } from './position.ts';
import { readRawTags } from './raw-tags.ts';
import { cameraOf, descriptionOf, exposureOf } from './summary.ts';

/** Reads everything that a file says about itself. Damage costs the damaged section and leaves a warning. */
export async function readTags(content: Uint8Array | null, xmp: Uint8Array | null): Promise<TagReport> {
  const raw = await readRawTags(content, xmp);
  const flatXmp = Object.entries(raw.xmp).flatMap(([namespace, tags]) => Object.entries(tags).map(([name, value]) => [`${namespace}:${name}`, value] as const));
  const sections = { exif: plainObject(raw.exif), gps: plainObject(raw.gps), iptc: plainObject(raw.iptc), icc: plainObject(raw.icc), xmp: plainObject(Object.fromEntries(flatXmp)) };
  const gps = positionOf(raw);
  const warnings = raw.unreadable.map((what) => ({ code: `UNREADABLE_${what}`, message: `The file's ${what} data could not be read.` }));
  if (gps === null && raw.gps['GPSLatitude'] !== undefined) warnings.push({ code: 'INVALID_POSITION', message: 'The position in the file is not a place on Earth, or none was found yet.' });
  return {
    capture: captureOf(raw),
    camera: cameraOf(raw),
    exposure: exposureOf(raw),
    description: descriptionOf(raw),
    gps,
    tags: Object.fromEntries(Object.entries(sections).filter(([, tags]) => Object.keys(tags).length > 0)),
    warnings,
  };
}
