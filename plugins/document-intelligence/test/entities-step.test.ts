import t from 'tap';
import { fileId, requestFor, runId, textReport, world, type World } from './support.ts';

const text = 'Invoice for Maria Fernandez, DE89 3704 0044 0532 0130 00, hull 4471-B.';
const results = (w: World) => w.h.request('GET', `/api/document-intelligence/results/${runId}`, { query: { include: 'entities' } });

async function processed(w: World): Promise<void> {
  w.answers['parsers.text.read'] = () => textReport([text]);
  await w.h.emit(requestFor('application/pdf', { filename: 'a.pdf' }));
  await w.h.runJobs();
}

t.test('a recogniser that fails, refuses or lies adds nothing', async (test) => {
  const at = (more: object) => ({ type: 'hull', start: 0, end: 4, score: 1, ...more });
  for (const [name, hook] of [
    ['fails', () => Promise.reject(new Error('broken'))],
    ['refuses', () => ({ refuse: { code: 'NO', message: 'no' } })],
    ['lies', () => ({ patch: { entities: [at({ end: 4000 }), at({ end: 0, start: 0 + 0, type: 'Hull!' }), at({ start: 9, end: 9 })] } })],
  ] as const) {
    const w = world({ hooks: { 'document-intelligence.recognise': hook as never } });
    await processed(w);
    const { body } = await results(w);
    test.match(body, { status: 'completed', results: { entities: { counts: { person: 1, iban: 1 }, kept: 2, truncated: false } } }, name);
  }
});

t.test('what another plugin recognises counts like the built-in', async (test) => {
  const asked: { documentId: string; page: number; language: string; text: string }[] = [];
  const w = world({
    hooks: {
      'document-intelligence.recognise': (payload: (typeof asked)[number]) => {
        asked.push(payload);
        return { patch: { entities: [{ type: 'hull', start: payload.text.indexOf('4471-B'), end: payload.text.indexOf('4471-B') + 6, score: 0.9 }] } };
      },
    },
  });
  await processed(w);
  test.match(asked, [{ documentId: fileId, page: 1, text }]);
  const { body } = await results(w);
  test.match(body.results, {
    entities: { counts: { person: 1, iban: 1, hull: 1 }, kept: 3 },
    'personal-data': { people: 1, categories: [{ category: 'names' }, { category: 'accounts', special: true }, { category: 'position' }, { category: 'other', types: ['hull'] }] },
    classification: { label: 'photo' },
    security: { malware: { verdict: 'clean' }, findings: [{ code: 'LOCATION' }] },
  });
  test.match(body.entities.items, [{ page: 1, found: [{ type: 'person' }, { type: 'iban' }, { type: 'hull', text: '4471-B', validator: 'plugin' }] }]);
});
