import type { ReportWriter } from '../report-writer.ts';
import { createTextFlow } from '../text-flow.ts';
import { relationshipsOf } from './relationships.ts';
import { scanXml } from './scan-xml.ts';
import { writeParagraphs } from './word.ts';
import type { ZipArchive } from './zip-archive.ts';

const beside = ['diagramData', 'chart', 'notesSlide', 'comments'];

/** Of the slides, in the order of the show (ECMA-376 part 1, section 19.2.1.34). */
function slidesOf(archive: ZipArchive, main: string): string[] {
  const targets = new Map(relationshipsOf(archive, main).map(({ id, target }) => [id, target]));
  const slides: string[] = [];
  const bytes = archive.read(main);
  if (bytes !== null)
    scanXml(bytes, {
      open(name, attribute) {
        const target = name === 'sldId' ? targets.get(attribute('r:id') ?? '') : undefined;
        if (target !== undefined) slides.push(target);
      },
    });
  return slides;
}

/** pptx, pptm, ppsx: a page for each slide with its diagrams, charts, speaker's notes and comments. */
export function readSlides(archive: ZipArchive, main: string, writer: ReportWriter): void {
  const slides = slidesOf(archive, main);
  writer.pageCount(slides.length);
  for (const [at, slide] of slides.entries()) {
    if (!writer.wants(at + 1)) continue;
    const flow = createTextFlow();
    const parts = relationshipsOf(archive, slide);
    for (const target of [slide, ...beside.flatMap((type) => parts.filter((part) => part.type === type).map((part) => part.target))]) {
      const bytes = archive.read(target);
      if (bytes !== null) writeParagraphs(bytes, flow, writer.room());
    }
    writer.page(at + 1, flow.toString());
  }
}
