import { createHarness } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';
import { runtime } from './support.ts';

const path = '/api/document-intelligence/extract-entities';
const text = 'Write to ana@example.org, card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00.';

t.test('finds what a text names, and keeps nothing of it', async (test) => {
  const h = createHarness(plugin, { as: { role: 'member' }, ...runtime });
  const refusals = [
    { init: { as: { userId: null }, body: { text } }, status: 401 },
    { init: { as: { role: 'viewer' as const }, body: { text } }, status: 403 },
    { init: { body: {} }, status: 400 },
    { init: { body: { text: '' } }, status: 400 },
    { init: { body: { text: 7 } }, status: 400 },
    { init: { body: { text: 'a'.repeat(262_145) } }, status: 400 },
    { init: { body: { text, options: { types: ['secret'] } } }, status: 400 },
    { init: { body: { text, options: { types: [] } } }, status: 400 },
    { init: { body: { text, options: { minimumScore: 1.1 } } }, status: 400 },
    { init: { body: { text, more: true } }, status: 400 },
  ];
  for (const { init, status } of refusals) test.equal((await h.request('POST', path, init)).status, status);

  const { status, body } = await h.request('POST', path, { body: { text } });
  test.equal(status, 200);
  test.match(body.entities, [
    { type: 'email', start: 9, end: 24, text: 'ana@example.org', validator: 'rfc-5321', context: null },
    { type: 'card', text: '4111 1111 1111 1111', validator: 'luhn-visa', context: 'card' },
    { type: 'iban', text: 'DE89 3704 0044 0532 0130 00', validator: 'mod-97' },
  ]);
  test.same({ counts: body.counts, truncated: body.truncated }, { counts: { email: 1, card: 1, iban: 1 }, truncated: false });
  const onlyCards = await h.request('POST', path, { body: { text, options: { types: ['card'] } } });
  test.same(onlyCards.body.counts, { card: 1 });
  const sure = await h.request('POST', path, { body: { text, options: { minimumScore: 1 } } });
  test.match(sure.body, { entities: [], counts: {}, truncated: false });
  test.equal(sure.body.entities.length, 0);
  const many = await h.request('POST', path, { body: { text: 'a@b.io '.repeat(6000) } });
  test.same({ entities: many.body.entities.length, counts: many.body.counts, truncated: many.body.truncated }, { entities: 5000, counts: { email: 6000 }, truncated: true });

  test.same([h.events, h.jobs, h.published, h.logs].map((list) => list.length), [0, 0, 0, 0], 'and nothing is left of it');
});

t.test('a body above the limit of bytes is refused before it is read', async (test) => {
  const route = plugin.manifest.routes.find((one) => one.path === path);
  test.match(route, { body: { kind: 'json', maxBytes: 1_638_400 }, secretReply: true });
});
