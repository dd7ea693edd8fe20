import t from 'tap';
import { otherTenant, world } from './support.ts';

const text = 'Dear Mr Kowalski,\nyour diagnosis and your medication are with the physician. Write to ana@example.org; the password: tr0ub4dor99.\nYours sincerely,\nMaria Fernandez';
const analyse = (h: ReturnType<typeof world>['h'], input: object, as = {}) => h.serve('document-intelligence.text', 'analyse', input as never, { as });

t.test('what does not fit is refused', async (test) => {
  const { h } = world();
  for (const input of [{}, { text: 7 }, { text: 'a'.repeat(1_000_001) }, { text, more: 1 }]) await test.rejects(analyse(h, input), { code: 'VALIDATION_ERROR' });
});

t.test('all of a text at once, and nothing is left of it', async (test) => {
  const { h, calls } = world();
  const found = (await analyse(h, { text })) as Record<string, never>;
  test.match(found, {
    language: { language: 'en' },
    classification: { label: 'letter', learned: false },
    counts: { person: 2, email: 1 },
    truncated: false,
    personalData: { people: 2, categories: [{ category: 'names' }, { category: 'contact' }, { category: 'health', special: true }] },
    secrets: [{ code: 'SECRET_ASSIGNED_SECRET', where: null }],
  });
  test.notMatch(JSON.stringify(found['secrets']), /tr0ub/);
  test.same([h.events, h.jobs, h.published, h.logs, h.audited, calls].map((list) => list.length), [0, 0, 0, 0, 0, 0]);
});

t.test('an empty text, and one of many entities', async (test) => {
  const { h } = world();
  test.match(await analyse(h, { text: '' }), { language: { language: null }, entities: [], counts: {}, secrets: [], personalData: { categories: [], people: 0 } });
  const many = (await analyse(h, { text: 'a@b.io '.repeat(6000) })) as unknown as { entities: unknown[]; truncated: boolean; counts: object };
  test.same([many.entities.length, many.truncated, many.counts], [5000, true, { email: 6000 }]);
});

t.test('the team’s recognisers have their say', async (test) => {
  const { h } = world();
  await h.request('POST', '/api/document-intelligence/recognisers', { as: { role: 'admin' }, body: { name: 'staff-number', pattern: 'EMP-\\d{5}' } });
  test.match(await analyse(h, { text: 'EMP-12345' }), { counts: { 'staff-number': 1 }, personalData: { categories: [{ category: 'other', types: ['staff-number'] }] } });
  test.match(await analyse(h, { text: 'EMP-12345' }, otherTenant), { counts: {} });
});
