import { Unavailable } from '@proofpix/sdk';
import t from 'tap';
import { absentId, harness, last, manager, mate, me, operator, otherTenant, stranger } from './support.ts';

t.test('who may see lists and activity', async (t) => {
  const h = harness();
  for (const role of ['viewer', 'member'] as const) {
    t.match(await h.request('GET', '/api/users/list', { as: { role } }), { status: 403, body: { details: { permission: 'users:list' } } });
    t.match(await h.request('GET', `/api/users/${mate}/activity`, { as: { role } }), { status: 403, body: { details: { permission: 'users:activity' } } });
  }
  t.equal((await h.request('GET', '/api/users/list?scope=deployment', { as: { role: 'owner' } })).status, 403);
  t.equal((await h.request('GET', `/api/users/${stranger}/activity`)).status, 404, 'nobody of this team');
  t.same(h.asked.filter(({ method }) => method !== 'getMember'), []);
  t.equal((await h.request('GET', '/api/users/list?search=an&status=active&sort=email&order=desc&limit=7')).status, 200);
  t.same(last(h, 'list'), { scope: 'team', search: 'an', status: 'active', sort: 'email', order: 'desc', limit: 7 });
  t.equal((await h.request('GET', '/api/users/list?scope=deployment', { as: operator })).status, 200);
  t.equal((await h.request('GET', '/api/users/list?limit=1000')).status, 400);
  t.equal((await h.request('GET', `/api/users/${me}/activity`, { as: { role: 'viewer' } })).status, 200, 'one’s own');
  t.equal((await h.request('GET', `/api/users/${me}/activity`, { as: { kind: 'api-key', role: 'viewer' } })).status, 403, 'a key is not the person');
  t.equal((await h.request('GET', `/api/users/${mate}/activity?action=auth.*`)).status, 200);
  t.equal((await h.request('GET', `/api/users/${stranger}/activity`, { as: operator })).status, 200);
});

t.test('status: members by admins, accounts by operators', async (t) => {
  const h = harness();
  const body = { status: 'suspended' };
  t.match(await h.request('PUT', `/api/users/${mate}/status`, { as: { role: 'member' }, body }), { status: 403, body: { details: { permission: 'users:suspend' } } });
  t.equal((await h.request('PUT', `/api/users/${stranger}/status`, { body })).status, 404);
  t.equal((await h.request('PUT', `/api/users/${mate}/status`, { body: { ...body, scope: 'account' } })).status, 403);
  t.equal((await h.request('PUT', `/api/users/${mate}/status`, { body: { status: 'asleep' } })).status, 400);
  t.equal(last(h, 'setStatus'), undefined);
  t.match((await h.request('PUT', `/api/users/${mate}/status`, { body })).body, { id: mate, status: 'suspended', scope: 'team', changed: true });
  t.same(last(h, 'setStatus'), { userId: mate, of: 'membership', status: 'suspended', reason: null, emit: [{ name: 'users.status-changed', payload: { userId: mate, of: 'membership', status: 'suspended', changedBy: me } }] });
  t.match((await h.request('PUT', `/api/users/${mate}/status`, { as: operator, body: { status: 'active', reason: 'Cleared up.' } })).body, { scope: 'account' });
  t.match(last(h, 'setStatus'), { of: 'account', reason: 'Cleared up.' });
});

t.test('impersonation is for operators, with a reason', async (t) => {
  const h = harness();
  t.equal((await h.request('POST', `/api/users/${mate}/impersonate`, { body: { reason: 'Ticket 1' } })).status, 403);
  t.equal((await h.request('POST', `/api/users/${mate}/impersonate`, { as: operator, body: {} })).status, 400);
  t.equal(last(h, 'impersonate'), undefined);
  t.match(await h.request('POST', `/api/users/${mate}/impersonate`, { as: operator, body: { reason: 'Ticket 1' } }), { status: 201, body: { userId: mate, accessToken: 'token', expiresIn: 900 } });
  t.equal((await h.request('DELETE', `/api/users/${mate}/impersonate`, { as: operator })).status, 204);
});

t.test('a bulk operation is refused to who may not, and when it makes no sense', async (t) => {
  const h = harness();
  const suspend = { operation: 'suspend', userIds: [mate] };
  t.match(await h.request('POST', '/api/users/bulk-operations', { as: { role: 'member' }, body: suspend }), { status: 403, body: { details: { permission: 'users:bulk' } } });
  t.match(await h.request('POST', '/api/users/bulk-operations', { body: { operation: 'remove-from-team', userIds: [mate] } }), { status: 403, body: { details: { permission: 'teams:manage-members' } } });
  t.equal((await h.request('POST', '/api/users/bulk-operations', { as: { kind: 'api-key' }, body: suspend })).status, 403);
  const tooMany = Array.from({ length: 1001 }, (_, n) => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`);
  for (const body of [{ ...suspend, userIds: [] }, { ...suspend, userIds: [mate, mate] }, { ...suspend, userIds: tooMany }, { operation: 'explode', userIds: [mate] }]) t.equal((await h.request('POST', '/api/users/bulk-operations', { body })).status, 400);
  t.equal((await h.request('POST', '/api/users/bulk-operations', { as: manager, body: { operation: 'set-role', userIds: [mate] } })).status, 400, 'which role?');
  t.same(h.jobs, []);
});

t.test('each row has its result, and others cannot see it', async (t) => {
  const h = harness({ as: manager });
  const { status, body } = await h.request('POST', '/api/users/bulk-operations', { body: { operation: 'suspend', userIds: [mate, stranger, me] } });
  t.match({ status, body }, { status: 202, body: { state: 'queued', total: 3, pending: 3 } });
  await h.runJobs();
  t.match((await h.request('GET', `/api/users/bulk-operations/${body.id}`)).body, { state: 'completed', succeeded: 1, failed: 2, pending: 0 });
  t.match((await h.request('GET', `/api/users/bulk-operations/${body.id}/results`)).body.items, [
    { position: 0, userId: mate, state: 'succeeded', error: null },
    { position: 1, userId: stranger, state: 'failed', error: { code: 'NOT_FOUND' } },
    { position: 2, userId: me, state: 'failed', error: { code: 'CONFLICT' } },
  ]);
  t.equal((await h.request('GET', `/api/users/bulk-operations/${body.id}/results?state=failed&limit=1`)).body.items.length, 1);
  t.equal((await h.request('GET', `/api/users/bulk-operations/${body.id}`, { as: otherTenant })).status, 404);
  t.equal((await h.request('GET', `/api/users/bulk-operations/${absentId}/results`)).status, 404);
  t.match(h.audited, [{ action: 'users.bulk-operation-started' }]);
});

t.test('a run that was cut off goes on, and does nothing twice', async (t) => {
  let failures = 1;
  const h = harness({
    as: manager,
    answers: {
      // the first try dies after the kernel has done it and before the row says so
      remove: () => {
        if (failures-- > 0) throw Unavailable();
        throw Object.assign(new Error('There is no such member.'), { code: 'NOT_FOUND', kind: 'not-found' });
      },
    },
  });
  const { body } = await h.request('POST', '/api/users/bulk-operations', { body: { operation: 'remove-from-team', userIds: [mate] } });
  await h.runJobs();
  t.match((await h.request('GET', `/api/users/bulk-operations/${body.id}`)).body, { state: 'running', pending: 1 });
  h.clock.advance(60_000);
  await h.runJobs();
  t.match((await h.request('GET', `/api/users/bulk-operations/${body.id}`)).body, { state: 'completed', succeeded: 1, failed: 0 });
});
