import t from 'tap';
import { clockIsReal, fileId, names, requestFor, run, textReport, world } from './support.ts';

t.test('people who watch a document are told at most ten times a second, and never of a step back', { skip: clockIsReal && 'needs the clock of the harness' }, async (test) => {
  const w = world({ config: { maxOcrPages: 300 } });
  const told: { atMs: number; progress: number }[] = [];
  let seen = 0;
  const look = () => {
    for (; seen < w.h.published.length; seen++) told.push({ atMs: w.h.clock.now(), progress: Number(w.h.published[seen]?.data['progress']) });
  };
  w.answers['parsers.text.read'] = () => textReport([], { pageCount: 300, withoutText: Array.from({ length: 300 }, (_, at) => at + 1) });
  w.answers['ocr.recognition.read'] = () => {
    look();
    w.h.clock.advance(10);
    return { text: 'x', confidence: 1, words: [], width: 1, height: 1, language: 'eng' };
  };
  await w.h.emit(requestFor('application/pdf'));
  await w.h.runJobs();
  look();
  test.ok(told.length > 15, `${told.length} in three seconds`);
  for (const { atMs } of told) test.ok(told.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1000).length <= 10);
  for (let at = 1; at < told.length; at++) test.ok((told[at]?.progress ?? 0) > (told[at - 1]?.progress ?? 1));
  for (const message of w.h.published) test.match(message, { to: { room: `document:${fileId}` }, event: 'document:progress', data: run });
  test.ok(names(w.h).filter((name) => name === 'progressed').length <= 8, 'durable reports: one a step at the most');
  test.equal(names(w.h).at(-1), 'completed');
});

t.test('steps that take their time are reported one by one, ever further', { skip: clockIsReal && 'needs the clock of the harness' }, async (test) => {
  const w = world();
  w.answers['parsers.metadata.read'] = () => {
    w.h.clock.advance(500);
    throw Object.assign(new Error('not today'), { code: 'NOT_TODAY', kind: 'invalid' });
  };
  w.answers['parsers.text.read'] = () => {
    w.h.clock.advance(500);
    return textReport(['some text']);
  };
  await w.h.emit(requestFor('application/pdf'));
  await w.h.runJobs();
  const progress = w.h.events.filter(({ name }) => name === 'document-intelligence.progressed').map(({ payload }) => Number(payload['progress']));
  test.ok(progress.length >= 1);
  test.same(progress, progress.toSorted((a, b) => a - b));
});
