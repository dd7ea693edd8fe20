import { openZip } from '../text/office/zip-archive.ts';
import { scanXml } from '../text/office/scan-xml.ts';
import { ParseProblem } from '../text/parse-problem.ts';
import type { ParseStatus } from '../contract.ts';
import type { ContainerTags } from './raw-tags.ts';
import { cleanText } from './tag-values.ts';

export interface PackageProperties {
  status: ParseStatus;
  container: ContainerTags;
}

/** Properties of Office Open XML (ECMA-376 part 2, section 8.3) and OpenDocument (1.3 part 3, section 4.3). */
const parts = ['docProps/core.xml', 'docProps/app.xml', 'meta.xml'] as const;

/**
 * The properties of an office document: ExifTool needs a module of perl for them that is seldom installed. No tags are
 * made of them, so that those stay ExifTool's own.
 */
export function readPackage(content: Uint8Array): PackageProperties {
  try {
    const archive = openZip(content);
    const found = new Map<string, string>();
    let element = '';
    for (const part of parts) {
      scanXml(archive.read(part) ?? new Uint8Array(), {
        open: (name) => void (element = name),
        close: () => void (element = ''),
        text(text) {
          const value = cleanText(text);
          if (element !== '' && value !== '' && !found.has(element)) found.set(element, value);
        },
      });
    }
    // OpenDocument tells the first author and the last one.
    const creator = found.get('initial-creator') ?? found.get('creator');
    const created = found.get('created') ?? found.get('creation-date');
    const keywords = (found.get('keywords') ?? found.get('keyword'))?.split(/[,;]\s*/);
    return {
      status: 'ok',
      container: {
        ...(created === undefined ? {} : { created: { value: created, source: archive.has('meta.xml') ? 'meta.creation-date' : 'core.created' } }),
        title: found.get('title'),
        caption: found.get('description') ?? found.get('subject'),
        creator,
        keywords,
        software: found.get('Application') ?? found.get('generator'),
      },
    };
  } catch (error) {
    return { status: error instanceof ParseProblem ? error.status : 'damaged', container: {} };
  }
}
