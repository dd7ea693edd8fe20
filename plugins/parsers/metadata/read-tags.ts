import { plainObject } from './plain-json.ts';
import { readRawTags } from './raw-tags.ts';
import { summarise, type Summary } from './summarise.ts';

export type TagReport = Summary & {
  /** Tags by section, plain JSON. */
  tags: Record<string, Record<string, unknown>>;
};

/** Reads what a picture says about itself, without ExifTool. Damage costs the damaged section and leaves a warning. */
export async function readTags(content: Uint8Array | null, xmp: Uint8Array | null): Promise<TagReport> {
  const raw = await readRawTags(content, xmp);
  const flatXmp = Object.entries(raw.xmp).flatMap(([namespace, tags]) => Object.entries(tags).map(([name, value]) => [`${namespace}:${name}`, value] as const));
  const sections = { exif: plainObject(raw.exif), gps: plainObject(raw.gps), iptc: plainObject(raw.iptc), icc: plainObject(raw.icc), xmp: plainObject(Object.fromEntries(flatXmp)) };
  return { ...summarise(raw), tags: Object.fromEntries(Object.entries(sections).filter(([, tags]) => Object.keys(tags).length > 0)) };
}
