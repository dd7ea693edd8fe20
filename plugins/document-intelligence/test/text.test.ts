import t from 'tap';
import { failure, requested, requestFor, runId, textReport, world, type World } from './support.ts';

type Step = { state: string; errorCode: string | null; result: Record<string, unknown> | null };
const textOf = async ({ h }: World) => (await h.db('steps', 'findOne', [{ analysisId: runId, name: 'text' }])) as Step | null;
const pdf = requestFor('application/pdf');
const recognised = (text: string) => ({ text, confidence: 0.8, words: [], width: 10, height: 10, language: 'eng' });

/** Runs jobs until none is left, past every delay. */
async function toTheEnd({ h }: World): Promise<void> {
  for (let round = 0; round < 15; round++) {
    await h.runJobs();
    if (!h.jobs.some(({ state }) => state === 'queued' || state === 'retrying')) return;
    h.clock.advance(3_600_000);
  }
}

t.test('what is no text is told, not guessed', async (test) => {
  for (const status of ['encrypted', 'damaged', 'too-large', 'unsupported', 'empty'] as const) {
    const w = world();
    w.answers['parsers.text.read'] = () => textReport([], { status });
    await w.h.emit(pdf);
    await toTheEnd(w);
    test.match(await textOf(w), { state: 'completed', result: { status, characters: 0, ocrPages: 0 } });
    test.notOk(w.calls.includes('ocr.recognition.read'), 'nothing is recognised');
    const completed = w.h.events.at(-1) as unknown as { name: string; payload: { warnings: { code: string }[] } };
    test.equal(completed.name, 'document-intelligence.completed');
    const code = { encrypted: 'ENCRYPTED', damaged: 'DAMAGED', 'too-large': 'TOO_LARGE', unsupported: undefined, empty: undefined }[status];
    if (code !== undefined) test.ok(completed.payload.warnings.some((warning) => warning.code === code), code);
  }
});

t.test('a long document is read in ranges and stored as it comes', async (test) => {
  const w = world();
  const asked: number[] = [];
  w.answers['parsers.text.read'] = ({ firstPage = 1, maxPages }: { firstPage?: number; maxPages: number }) => {
    asked.push(firstPage);
    const pages = Array.from({ length: Math.min(maxPages, 450 - firstPage + 1) }, (_, at) => ({ page: firstPage + at, text: `page ${firstPage + at}` }));
    return textReport([], { pages, pageCount: 450, truncated: firstPage + maxPages <= 450 });
  };
  await w.h.emit(pdf);
  await toTheEnd(w);
  test.same(asked, [1, 201, 401]);
  test.equal(w.pages.size, 450);
  test.match(await textOf(w), { result: { pageCount: 450, truncated: false } });
});

t.test('no more pages than the tenant wants', async (test) => {
  const w = world({ config: { maxPages: 3, maxOcrPages: 2 } });
  w.answers['parsers.text.read'] = ({ maxPages }: { maxPages: number }) => textReport(Array.from({ length: maxPages }, () => 'text'), { pageCount: 10, truncated: true });
  await w.h.emit(pdf);
  await toTheEnd(w);
  test.equal(w.pages.size, 3);
  test.match(await textOf(w), { result: { pageCount: 10, truncated: true } });

  const scan = world({ config: { maxPages: 3, maxOcrPages: 2 } });
  scan.answers['parsers.text.read'] = () => textReport([], { pageCount: 3, withoutText: [1, 2, 3] });
  await scan.h.emit(pdf);
  await toTheEnd(scan);
  test.same([...scan.pages.keys()], [1, 2]);
  test.match(await textOf(scan), { result: { ocrPages: 2, warnings: [{ code: 'OCR_PAGE_LIMIT' }] } });
});

t.test('recognised: pictures and pages without text, all, or none, as asked', async (test) => {
  for (const { ocr, pages } of [{ ocr: 'off', pages: [] }, { ocr: 'auto', pages: [2] }, { ocr: 'force', pages: [1, 2] }] as const) {
    const w = world();
    w.answers['parsers.text.read'] = () => textReport(['first'], { pageCount: 2, withoutText: [2] });
    w.answers['ocr.recognition.read'] = ({ page }: { page: number }) => recognised(`picture ${page}`);
    await w.h.emit(requestFor('application/pdf', { options: { extractMetadata: true, ocr } }));
    await toTheEnd(w);
    test.same([...w.pages].filter(([, { source }]) => source === 'ocr').map(([page]) => page).toSorted(), pages, ocr);
  }
  const w = world();
  await w.h.emit(requestFor('image/png', { options: { extractMetadata: true, ocr: 'off' } }));
  await toTheEnd(w);
  test.notOk(w.calls.includes('ocr.recognition.read'));
  test.notOk(w.calls.includes('parsers.text.read'), 'a picture has no text layer');
  test.match(await textOf(w), { result: { pageCount: 1, characters: 0 } });
});

t.test('after a crash it goes on with the page that is missing', async (test) => {
  const w = world();
  const asked: number[] = [];
  w.answers['parsers.text.read'] = () => textReport([], { pageCount: 4, withoutText: [1, 2, 3, 4] });
  w.answers['ocr.recognition.read'] = ({ page }: { page: number }) => {
    asked.push(page);
    if (page === 3 && asked.filter((one) => one === 3).length === 1) throw failure('NODE_LOST', 'internal');
    return recognised(`page ${page}`);
  };
  await w.h.emit(pdf);
  await toTheEnd(w);
  test.same(asked, [1, 2, 3, 3, 4]);
  test.equal(w.calls.filter((name) => name === 'parsers.text.read').length, 1, 'nor is the text layer read again');
  test.match(await textOf(w), { state: 'completed', result: { ocrPages: 4, ocrConfidence: 0.8, pageCount: 4 } });
});

t.test('a broken page costs that page, and one that is always late is given up', async (test) => {
  const w = world();
  const asked: number[] = [];
  w.answers['parsers.text.read'] = () => textReport([], { pageCount: 3, withoutText: [1, 2, 3] });
  w.answers['ocr.recognition.read'] = ({ page }: { page: number }) => {
    asked.push(page);
    if (page === 1) throw failure('PAGE_NOT_RENDERED', 'invalid');
    if (page === 2) throw failure('DEADLINE_EXCEEDED');
    return recognised('third');
  };
  await w.h.emit(pdf);
  await toTheEnd(w);
  test.same(asked, [1, 2, 2, 2, 2, 3]);
  test.same([...w.pages.keys()], [3]);
  test.match(await textOf(w), { state: 'completed', result: { ocrPages: 1, warnings: [{ code: 'OCR_FAILED' }] } });
});

t.test('where recognising stays out of reach, what was read stands', async (test) => {
  const w = world();
  w.answers['parsers.text.read'] = () => textReport(['first'], { pageCount: 2, withoutText: [2] });
  w.answers['ocr.recognition.read'] = () => Promise.reject(failure('UNAVAILABLE'));
  await w.h.emit(pdf);
  await toTheEnd(w);
  test.equal(w.calls.filter((name) => name === 'ocr.recognition.read').length, 11);
  test.match(await textOf(w), { state: 'completed', result: { characters: 5, truncated: true, warnings: [{ code: 'TEXT_INCOMPLETE' }] } });
  test.equal(w.h.events.at(-1)?.name, 'document-intelligence.completed');
});

t.test('text of an earlier run does not stay', async (test) => {
  const w = world();
  w.pages.set(7, { text: 'old', source: 'file' });
  w.answers['ocr.recognition.read'] = () => recognised('');
  await w.h.emit(requested);
  await toTheEnd(w);
  test.equal(w.pages.size, 0);
});
