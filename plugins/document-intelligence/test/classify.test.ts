import t from 'tap';
import { fileId, otherTenant, world, type World } from './support.ts';

const path = '/api/document-intelligence/classify';
const corrections = `${path}/corrections`;
const waybill = 'Consignment of crates via Rotterdam, gross weight and seal of each pallet, carrier and consignee as named overleaf, demurrage charged daily';

const withText = (text: string): World => {
  const w = world();
  w.pages.set(1, { text, source: 'file' });
  return w;
};

t.test('who may not, and what does not fit', async (test) => {
  const w = withText(waybill);
  const body = { documentId: fileId, label: 'waybill' };
  for (const [at, given] of [[path, { text: 'x' }], [corrections, body]] as const) {
    test.equal((await w.h.request('POST', at, { as: { userId: null }, body: given })).status, 401);
    test.equal((await w.h.request('POST', at, { as: { role: 'viewer' }, body: given })).status, 403);
  }
  for (const wrong of [{}, { text: 'x', documentId: fileId }, { text: '' }, { documentId: 'x' }]) test.equal((await w.h.request('POST', path, { body: wrong })).status, 400);
  for (const wrong of [{ documentId: fileId }, { ...body, label: 'Way Bill' }, { ...body, text: 'x' }]) test.equal((await w.h.request('POST', corrections, { body: wrong })).status, 400);
  w.pages.set(1, { text: 'too short', source: 'file' });
  test.match(await w.h.request('POST', corrections, { body }), { status: 409, body: { error: 'NOTHING_TO_LEARN' } });
  test.equal(((await w.h.db('corrections', 'find', [{}])) as { items: unknown[] }).items.length, 0);
});

t.test('a text, with its reasons', async (test) => {
  const { h } = world();
  const { body } = await h.request('POST', path, { body: { text: 'Rechnung Nr. 17\nRechnungsdatum: 1.2.2024\nHammer 12,00\nNägel 3,50\nGesamtbetrag 15,50 EUR\nZahlbar bis 1.3.2024' } });
  test.match(body, { label: 'invoice', learned: false, reasons: ['It calls itself “rechnung”.'] });
  test.ok(body.confidence > 0.6);
  test.equal(body.candidates[0].label, 'invoice');
  test.match((await h.request('POST', path, { body: { text: 'x = 1', filename: 'a.py' } })).body, { label: 'source-code' });
  test.match((await h.request('POST', path, { body: { text: 'nothing in particular' } })).body, { label: 'other', reasons: ['Nothing speaks for any other kind.'] });
});

t.test('what people say is learnt for the team, and for nobody else', async (test) => {
  const w = withText(waybill);
  const similar = { text: waybill.replace('Rotterdam', 'Hamburg').replace('daily', 'weekly') };
  test.not((await w.h.request('POST', path, { body: similar })).body.label, 'waybill');
  test.match(await w.h.request('POST', corrections, { body: { documentId: fileId, label: 'waybill' } }), { status: 201, body: { label: 'waybill' } });
  const learned = await w.h.request('POST', path, { body: similar });
  test.match(learned.body, { label: 'waybill', learned: true });
  test.match(learned.body.reasons[0], /was said to be “waybill”/);
  test.match((await w.h.request('POST', path, { body: { documentId: fileId } })).body, { label: 'waybill' });
  test.match((await w.h.request('POST', path, { body: similar, as: otherTenant })).body, { learned: false });
  test.match((await w.h.request('POST', path, { body: { text: 'Dear Sir, I am writing about my window. Yours sincerely, Ann' } })).body, { label: 'letter', learned: false }, 'other documents are what they were');

  await w.h.request('POST', corrections, { body: { documentId: fileId, label: 'freight-paper' } });
  const { items } = (await w.h.db('corrections', 'find', [{}])) as unknown as { items: { label: string; features: object }[] };
  test.match(items, [{ label: 'freight-paper' }], 'the last word counts');
  test.notMatch(JSON.stringify(items), /rotterdam|consignee/i, 'no words are kept');
  await w.h.emit({ name: 'files.deleted', payload: { fileId, documentId: fileId, sha256: '0'.repeat(64) } });
  test.match((await w.h.request('POST', path, { body: similar })).body, { learned: false }, 'and with the file it is forgotten');
});
