import t from 'tap';
import { createHarness } from '@proofpix/sdk/testing';
import plugin from '../plugin.ts';

t.test('refuses strangers and bad input', async (test) => {
  const harness = createHarness(plugin);
  test.equal((await harness.request('POST', '/count', { as: { userId: null }, body: { text: 'a' } })).status, 401);
  for (const body of [null, {}, { text: 1 }, { text: 'a', more: true }]) test.equal((await harness.request('POST', '/count', { body })).status, 400);
});

t.test('counts words of any script', async (test) => {
  const harness = createHarness(plugin);
  const cases: [string, number, number][] = [['', 0, 0], ['hello world', 2, 11], ["don't stop-gap", 2, 14], ['Größe 12 мир', 3, 12], ['… — !', 0, 5], ['👋 hi', 1, 4]];
  for (const [text, words, characters] of cases) test.match(await harness.request('POST', '/api/x/word-count/count', { body: { text } }), { status: 200, body: { words, characters } }, text);
  test.same([harness.events.length, harness.jobs.length], [0, 0]);
});

t.test('adds the number of words to a journal entry, where it may', async (test) => {
  const entry = { title: 'A day', note: 'sun and sea', words: null };
  test.same(await createHarness(plugin).hook('photo-journal.before-entry', entry), { patch: { words: 3 } });
  await test.rejects(createHarness(plugin, { granted: [] }).hook('photo-journal.before-entry', entry), { code: 'FORBIDDEN', details: { capability: 'hooks:photo-journal.before-entry' } });
});
