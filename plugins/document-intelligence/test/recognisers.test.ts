import t from 'tap';
import { otherTenant, world } from './support.ts';

const path = '/api/document-intelligence/recognisers';
const staff = { name: 'staff-number', pattern: 'EMP-\\d{5}', contextWords: ['badge'], score: 0.6 };
const admin = { role: 'admin' as const };

t.test('who may not, and what does not fit', async (test) => {
  const { h } = world();
  test.equal((await h.request('POST', path, { as: { userId: null }, body: staff })).status, 401);
  test.match(await h.request('POST', path, { as: { role: 'member' }, body: staff }), { status: 403, body: { details: { permission: 'document-intelligence:recognisers' } } });
  const wrong = [
    { ...staff, name: 'Staff' },
    { ...staff, name: 'card' },
    { ...staff, pattern: '(' },
    { ...staff, pattern: '(?=a)b' },
    { ...staff, pattern: '(a)\\1' },
    { ...staff, pattern: 'a*' },
    { ...staff, pattern: '(?:abcdefghij){90}' },
    { ...staff, pattern: 'a'.repeat(501) },
    { ...staff, check: 'sum' },
    { ...staff, score: 2 },
    { ...staff, more: true },
  ];
  for (const body of wrong) test.equal((await h.request('POST', path, { as: admin, body })).status, 400, JSON.stringify(body).slice(0, 80));
  test.equal((await h.request('GET', path, { as: { role: null } })).status, 403);
  test.equal((await h.request('GET', path, { as: admin })).body.items.length, 0);
  test.equal(h.audited.length, 0);

  const made = await h.request('POST', path, { as: admin, body: staff });
  test.equal((await h.request('POST', path, { as: admin, body: staff })).status, 409, 'a name that is taken');
  for (const method of ['PATCH', 'DELETE']) test.equal((await h.request(method, `${path}/${made.body.id}`, { as: { ...otherTenant, role: 'admin' }, body: method === 'PATCH' ? { enabled: false } : undefined })).status, 404);
  test.equal((await h.request('PATCH', `${path}/${made.body.id}`, { as: admin, body: { pattern: '[' } })).status, 400);
  test.match((await h.request('GET', path, { as: { role: 'viewer' } })).body.items, [{ ...staff, enabled: true }], 'and nothing of it changed');
});

t.test('found from the next text on, until it is turned off', async (test) => {
  const { h } = world();
  const look = async (text: string) => (await h.request('POST', '/api/document-intelligence/extract-entities', { body: { text } })).body.entities;
  test.same(await look('His badge: EMP-12345.'), []);
  const { body } = await h.request('POST', path, { as: admin, body: staff });
  test.equal(body.createdBy, undefined);
  test.match(await look('His badge: EMP-12345.'), [{ type: 'staff-number', text: 'EMP-12345', start: 11, end: 20, score: 0.95, validator: 'pattern', context: 'badge' }]);
  test.match(await look('It was EMP-12345.'), [{ score: 0.6, context: null }]);
  const only = await h.request('POST', '/api/document-intelligence/extract-entities', { body: { text: 'EMP-12345, ana@example.org', options: { types: ['staff-number'] } } });
  test.same(only.body.counts, { 'staff-number': 1 });
  test.equal((await h.request('POST', '/api/document-intelligence/extract-entities', { as: otherTenant, body: { text: 'x', options: { types: ['staff-number'] } } })).status, 400, 'another team knows nothing of it');
  test.match((await h.request('PATCH', `${path}/${body.id}`, { as: admin, body: { enabled: false } })).body, { enabled: false, pattern: staff.pattern });
  test.same(await look('His badge: EMP-12345.'), []);
  test.equal((await h.request('DELETE', `${path}/${body.id}`, { as: admin })).status, 204);
  test.equal((await h.request('DELETE', `${path}/${body.id}`, { as: admin })).status, 404);
  test.same(h.audited.map(({ action }) => action.replace('document-intelligence.recogniser-', '')), ['created', 'changed', 'deleted']);
});

t.test('tried without being kept; checks hold', async (test) => {
  const { h } = world();
  const trial = async (body: object) => (await h.request('POST', `${path}/test`, { as: admin, body })).body.entities.map(({ text }: { text: string }) => text);
  test.same(await trial({ pattern: '\\d{11}', check: 'luhn', text: 'a 79927398713 b 79927398710' }), ['79927398713']);
  test.same(await trial({ pattern: '[A-Z0-9]{20}', check: 'mod-97', text: '5493001KJTIIGC8Y1R12 and 5493001KJTIIGC8Y1R17' }), ['5493001KJTIIGC8Y1R12'], 'an LEI');
  test.same(await trial({ pattern: '\\d{4}-\\d{4}-\\d{4}-\\d{3}[\\dX]', check: 'mod-11', text: '0000-0002-1825-0097 0000-0002-1825-0098' }), ['0000-0002-1825-0097'], 'an ORCID');
  test.same(await trial({ pattern: 'a\\sb', text: 'a\nb a b' }), ['a b'], 'within a line');
  const before = performance.now();
  test.equal((await trial({ pattern: 'a.*b|a', text: 'a'.repeat(20_000) })).length, 500);
  test.ok(performance.now() - before < 5000);
  test.equal((await h.request('GET', path)).body.items.length, 0);
});
