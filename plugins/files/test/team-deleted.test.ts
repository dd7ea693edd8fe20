import t from 'tap';
import { harness, otherMember, otherTenant, uploaded } from './support.ts';

t.test('a deleted team’s files go, and no others', async (test) => {
  const h = harness();
  await uploaded(h);
  await uploaded(h, {}, otherMember);
  const elsewhere = await uploaded(h, {}, otherTenant);
  const deleted = () => h.events.filter(({ name }) => name === 'files.deleted').length;
  test.same(await h.emit({ name: 'teams.deleted', payload: { teamId: '018f0000-0000-7000-8000-00000000000a' } }), ['team-deleted']);
  test.equal(deleted(), 2);
  test.equal(await h.db('documents', 'count', [{}]), 0);
  await h.emit({ name: 'teams.deleted', payload: { teamId: '018f0000-0000-7000-8000-00000000000a' } });
  test.equal(deleted(), 2, 'told once');
  await h.runJobs();
  test.equal((await h.request('GET', `/api/files/${elsewhere.id}`, { as: otherTenant })).status, 200);
});
