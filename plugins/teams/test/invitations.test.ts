import { Conflict, DeadlineExceeded, Forbidden } from '@proofpix/sdk';
import t from 'tap';
import { admin, audits, bench, type Bench, guest, nobody, owner, team, told, tokenOf } from './support.ts';

const base = `/api/teams/${team}`;
const invite = (b: Bench, email = 'guest@example.com', body: object = {}) => b.h.request('POST', `${base}/invite`, { as: admin, body: { email, ...body } });
const accept = (b: Bench, token: string, as: object = guest) => b.h.request('POST', `/api/teams/invitations/${token}/accept`, { as });
const statusOf = async (b: Bench) => ((await b.h.request('GET', `${base}/invitations`)).body.items as { status: string }[]).map(({ status }) => status);

async function invited(b: Bench): Promise<{ id: string; token: string }> {
  const { body } = await invite(b);
  await b.h.runJobs('send-invitation');
  return { id: body.id as string, token: tokenOf(b) };
}

t.test('inviting: one open invitation an address, a mail, no more', async (test) => {
  const b = bench();
  test.match(await invite(b, 'Guest@Example.com', { role: 'viewer' }), { status: 201, body: { email: 'guest@example.com', role: 'viewer', status: 'pending', invitedBy: admin.userId, resent: 0 } });
  test.match(await invite(b), { status: 409, body: { error: 'ALREADY_INVITED' } });
  test.equal((await invite(b, 'b@example.com', { role: 'A B' })).status, 400);
  test.same((await b.h.runJobs()).map(({ name, result }) => [name, result]), [['send-invitation', { sent: true }]], 'and no others');
  test.match(b.kernel.mails, [{ to: 'guest@example.com', subject: 'Invitation to the team "Crew"', text: /#token=/ }]);
  test.match((await invite(b, 'b@example.com')).body, { role: 'member' }, 'the default role');
  test.same([told(b), audits(b)], [[], ['teams.invitation-created', 'teams.invitation-created']], 'and no others');
});

t.test('names in a mail are text, and nothing else', async (test) => {
  const b = bench();
  b.kernel.name = '<b>Pay</b> https://evil.example\r\nBcc: x@evil.example \u202e';
  await invited(b);
  const [mail] = b.kernel.mails;
  for (const part of [mail?.subject, mail?.text, mail?.html]) test.notMatch(part, /evil\.example|https:\/\/evil|[\r\u202e]/);
  test.notMatch(mail?.subject, /\n/);
  test.notMatch(mail?.html, /<b>/);
});

t.test('an invitation is taken once, by its address', async (test) => {
  const b = bench();
  const { token } = await invited(b);
  test.equal((await accept(b, token, nobody)).status, 401);
  test.equal((await accept(b, token, { ...guest, kind: 'api-key' })).status, 403);
  test.equal((await accept(b, `x${token}`)).status, 404);
  b.kernel.addresses.set(guest.userId as string, 'thief@example.com');
  test.match(await accept(b, token), { status: 403, body: { error: 'FORBIDDEN' } }, 'forwarded to somebody else');
  test.same([told(b), await statusOf(b)], [[], ['pending']]);
  b.kernel.addresses.set(guest.userId as string, 'guest@example.com');
  test.match((await b.h.request('GET', `/api/teams/invitations/${token}`, { as: nobody })).body, { team: { id: team, name: 'Crew' }, invitedBy: 'Ann Member', email: 'g•••t@e•••e.com', role: 'member' });
  test.match(await accept(b, token), { status: 200, body: { id: guest.userId, role: 'member' } });
  test.same(b.kernel.emitted, [{ name: 'teams.member-joined', payload: { teamId: team, userId: guest.userId, role: 'member', invitedBy: admin.userId } }], 'and no others');
  for (const again of [accept(b, token), b.h.request('GET', `/api/teams/invitations/${token}`)]) test.equal((await again).status, 404);
  test.same(await statusOf(b), ['accepted']);
});

t.test('it expires, and only the last link is good', async (test) => {
  const b = bench();
  const { id, token } = await invited(b);
  const again = () => b.h.request('POST', `${base}/invitations/${id}/resend`);
  test.match(await again(), { status: 429, body: { retryAfter: 60 } });
  for (let resent = 1; resent <= 5; resent++) {
    b.h.clock.advance(60_000);
    await b.h.db('invitations', 'update', [{ id }, { sentAt: '2025-01-01T00:00:00Z' }]);
    test.match((await again()).body, { resent });
  }
  b.h.clock.advance(60_000);
  await b.h.db('invitations', 'update', [{ id }, { sentAt: '2025-01-01T00:00:00Z' }]);
  test.match(await again(), { status: 429, body: { error: 'TOO_MANY_MAILS' } });
  test.same((await b.h.runJobs()).map(({ result }) => result), [{ sent: false }, { sent: false }, { sent: false }, { sent: false }, { sent: true }], 'what was replaced before it went out is not sent');
  test.equal((await accept(b, token)).status, 404, 'the first link');
  await b.h.db('invitations', 'update', [{ id }, { expiresAt: '2025-01-01T00:00:00Z' }]);
  test.equal((await accept(b, tokenOf(b))).status, 404, 'expired');
  test.same(await statusOf(b), ['expired']);
  for (const [status, count] of [['expired', 1], ['pending', 0], ['accepted', 0]] as const) test.equal((await b.h.request('GET', `${base}/invitations?status=${status}`)).body.items.length, count, status);
  test.match(await invite(b), { status: 201, body: { id, status: 'pending', resent: 0 } }, 'and may be made anew');
});

t.test('revoked is over', async (test) => {
  const b = bench();
  const { id, token } = await invited(b);
  test.equal((await b.h.request('DELETE', `${base}/invitations/${id}`)).status, 204);
  test.equal((await accept(b, token)).status, 404);
  test.equal((await b.h.request('DELETE', `${base}/invitations/${id}`)).status, 404);
  test.equal((await b.h.request('POST', `${base}/invitations/${id}/resend`)).status, 404);
  test.same([told(b), audits(b)], [[], ['teams.invitation-created', 'teams.invitation-revoked']], 'and no others');
});

t.test('what the kernel refuses ends the invitation, or gives it back', async (test) => {
  const cases: [Error, number, string, string][] = [
    [Forbidden({ details: { reason: 'exceeds-own-role' } }), 409, 'INVITATION_WITHDRAWN', 'revoked'],
    [Conflict({ details: { reason: 'member-already' } }), 409, 'CONFLICT', 'accepted'],
    [Forbidden({ details: { reason: 'other-address' } }), 403, 'FORBIDDEN', 'pending'],
  ];
  for (const [refusal, status, error, left] of cases) {
    const b = bench();
    const { token } = await invited(b);
    b.kernel.refuseJoin = refusal;
    test.match(await accept(b, token), { status, body: { error } });
    test.same([told(b), await statusOf(b)], [[], [left]]);
  }
  // records are stamped with the harness's time, and in the sandbox the plugin sees the machine's
  const b = bench({ nowMs: Date.now() });
  const { token } = await invited(b);
  b.kernel.refuseJoin = DeadlineExceeded();
  test.equal((await accept(b, token)).status, 503);
  b.kernel.refuseJoin = null;
  test.equal((await accept(b, token, { ...guest, userId: owner })).status, 409, 'nobody else while the outcome is not known');
  test.equal((await accept(b, token)).status, 200, 'the same user may try again');
});

t.test('the domain list holds when it is taken, too', async (test) => {
  const b = bench();
  const { token } = await invited(b);
  await b.h.request('PUT', `${base}/settings`, { body: { allowedEmailDomains: ['proof.example'] } });
  test.match(await invite(b, 'x@example.com'), { status: 400, body: { details: { field: 'body.email' } } });
  test.equal((await invite(b, 'x@proof.example')).status, 201);
  test.match(await accept(b, token), { status: 409, body: { error: 'INVITATION_WITHDRAWN' } });
  test.notOk(b.kernel.members.has(guest.userId as string));
});

t.test('somebody new makes an account with it', async (test) => {
  const b = bench();
  const { token } = await invited(b);
  const account = { firstName: 'Nora', lastName: 'New', password: 'violet-Anchor-77-river' };
  const register = (body: object = account) => b.h.request('POST', `/api/teams/invitations/${token}/register`, { as: nobody, body });
  for (const body of [{}, { ...account, email: 'other@example.com' }, { ...account, role: 'owner' }]) test.equal((await register(body)).status, 400);
  b.kernel.refuseJoin = Conflict({ details: { reason: 'has-account' } });
  test.match(await register(), { status: 409, body: { error: 'ACCOUNT_EXISTS' } });
  b.kernel.refuseJoin = null;
  const joined = await register();
  test.match(joined, { status: 201, body: { role: 'member' } });
  test.same(b.kernel.emitted, [{ name: 'teams.member-joined', payload: { teamId: team, userId: joined.body.id, role: 'member', invitedBy: admin.userId } }], 'and no others');
  test.equal((await register()).status, 404);
});
