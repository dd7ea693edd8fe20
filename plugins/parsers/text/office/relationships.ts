import { scanXml } from './scan-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** A part that another part of an Office Open XML package points to (ECMA-376 part 2, section 6.5). */
export interface Relationship {
  id: string;
  /** The last segment of its type, e.g. `worksheet`; the same in the strict and the transitional variant. */
  type: string;
  /** Name of the entry. */
  target: string;
}

/** `../media/image1.png` seen from `ppt/slides/slide1.xml`. */
function resolve(from: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const segments = from.split('/').slice(0, -1);
  for (const segment of target.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  return segments.join('/');
}

/** What `part` points to inside the package; `''` is the package itself. */
export function relationshipsOf(archive: ZipArchive, part: string): Relationship[] {
  const slash = part.lastIndexOf('/') + 1;
  const bytes = archive.read(`${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`);
  const found: Relationship[] = [];
  if (bytes !== null)
    scanXml(bytes, {
      open(name, attribute) {
        if (name !== 'Relationship' || attribute('TargetMode') === 'External') return false;
        const type = attribute('Type') ?? '';
        found.push({ id: attribute('Id') ?? '', type: type.slice(type.lastIndexOf('/') + 1), target: resolve(part, attribute('Target') ?? '') });
        return found.length >= 10_000;
      },
    });
  return found;
}
