import type { Harness } from '@proofpix/sdk/testing';
import t from 'tap';
import { harness, jpeg, nobody, uploaded } from './support.ts';

const password = 'Violet-Kettle';

async function shared(h: Harness, body: object = { password }) {
  const { id } = await uploaded(h, { processImmediately: false });
  const made = await h.request('POST', `/api/files/${id}/share`, { body });
  const path = made.body.path as string;
  return {
    share: made.body as { id: string; hasPassword: boolean },
    get: (given?: string) => h.request('GET', path, { as: nobody, ...(given === undefined ? {} : { headers: { 'X-Share-Password': given } }) }),
    open: (given: unknown) => h.request('POST', path, { as: nobody, body: given }),
    uses: async () => (await h.request('GET', `/api/files/${id}/shares`)).body.items[0].downloads as number,
    revoke: () => h.request('DELETE', `/api/files/${id}/shares/${made.body.id}`),
  };
}

t.test('without its password a link leads nowhere, in the same words', async (test) => {
  const h = harness();
  const { get, open, uses } = await shared(h);
  const answers = [await get(), await get('violet-kettle'), await get(''), await open({ password: 'wrong' })].map(({ status, body }) => ({ status, error: body.error, message: body.message }));
  for (const answer of answers) test.same(answer, { status: 401, error: 'SHARE_PASSWORD_REQUIRED', message: 'This link needs its password.' });
  for (const body of [{}, { password: 7 }, { password, more: 1 }]) test.equal((await open(body)).status, 400);
  test.equal(await uses(), 0);
  test.same(h.audited.map(({ action }) => action), ['files.shared', 'files.share-refused', 'files.share-refused', 'files.share-refused']);
});

t.test('with it, by header or body, anybody has the file', async (test) => {
  const h = harness();
  const { share, get, open, uses, revoke } = await shared(h);
  test.equal(share.hasPassword, true);
  for (const response of [await get(password), await open({ password })]) {
    test.equal(response.status, 200);
    test.same(Buffer.from(response.bytes ?? []), Buffer.from(jpeg));
  }
  test.equal(await uses(), 2);
  for (const place of [await h.db('shares', 'find', [{}]), h.audited, h.logs]) test.notOk(JSON.stringify(place).includes(password), 'it is written nowhere');
  await revoke();
  test.equal((await get()).status, 404, 'a link that is over asks for nothing');
  test.equal((await get(password)).status, 404);
});

t.test('guessing ends, also for the right one, for a quarter of an hour and for one link', async (test) => {
  const h = harness();
  const { get, open } = await shared(h);
  const other = await shared(h);
  for (let n = 0; n < 5; n += 1) test.equal((await get(password)).status, 200, 'right ones do not count');
  const statuses = (await Promise.all(Array.from({ length: 12 }, (_, n) => get(`wrong ${n}`)))).map(({ status }) => status);
  test.same(statuses.toSorted(), [...Array(10).fill(401), 429, 429]);
  test.match(await open({ password }), { status: 429, body: { retryAfter: 900 } });
  test.equal((await other.get(password)).status, 200);
  h.clock.advance(901_000);
  test.equal((await get(password)).status, 200);
});
