import teams from '@proofpix/plugin-teams';
import type { JsonObject } from '@proofpix/sdk';
import t, { type Test } from 'tap';
import { plugins } from '../../config/plugins.ts';
import { openDatabase } from '../../kernel/database/index.ts';
import { statement } from '../../kernel/database/statement.ts';
import { quietLog, testMasterKey } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { send, testServer, type TestUser } from '../support/server.ts';
import { smtpServer } from '../support/smtp-server.ts';
import { openSocket } from '../support/socket.ts';

/** Teams as their members see them, with the plugin in either runtime: a whole server, real mails, sockets, the audit chain. */

t.setTimeout(240_000);

const absent = '01990000-0000-7000-8000-0000000000ff';

async function scenario(t: Test, runtime: 'in-process' | 'sandboxed'): Promise<void> {
  const smtp = await smtpServer(t);
  const entries = plugins.filter(({ package: name }) => name === '@proofpix/plugin-teams').map((entry) => ({ ...entry, runtime }));
  const server = await testServer(t, { entries, env: { SMTP_URL: smtp.url, MAIL_FROM: 'ProofPix <office@proof.example>', PUBLIC_URL: 'https://proof.example' } });
  const database = await openDatabase({ url: server.databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
  t.teardown(() => database.close());
  const query = <Row extends object>(sql: string, values: unknown[] = []) => database.system((em) => statement<Row>(em, sql, values));
  /** What the log says of the team itself; logins into it are another's test. */
  const audited = async (teamId: string): Promise<string[]> => (await query<{ action: string }>(`select action from kernel.audit_entries where tenant_id = $1 and action <> 'auth.logged-in' order by sequence`, [teamId])).map(({ action }) => action);
  const letters = (email: string) => smtp.allTo(email).filter(({ message }) => message.subject?.startsWith('Invitation') === true);

  /** The plugin's own records, past the plugin. */
  const stored = (tenantId: string, collection: string, op: 'count' | 'update', ...args: JsonObject[]) => database.plugins.open(teams.manifest).run({ tenantId, timeoutMs: 10_000 }, { op, collection, args });

  async function makeTeam(owner: TestUser, name = 'Crew'): Promise<string> {
    const made = await owner.send('POST', '/api/teams/create', { name });
    t.equal(made.status, 201);
    t.equal(made.headers.get('location'), `/api/teams/${made.body.id}`);
    return made.body.id as string;
  }

  /** The token of the newest mail to an address, once `count` have come. */
  async function tokenFor(email: string, count = 1): Promise<string> {
    await until(() => letters(email).length >= count);
    const found = /#token=([A-Za-z0-9_.-]+)/.exec(letters(email).at(-1)?.message.text ?? '')?.[1];
    if (found === undefined) throw new Error('no token in the mail');
    return found;
  }

  async function bring(teamId: string, inviter: TestUser, user: TestUser, role: string): Promise<void> {
    const before = letters(user.email).length;
    t.equal((await inviter.send('POST', `/api/teams/${teamId}/invite`, { email: user.email, role })).status, 201);
    t.equal((await user.send('POST', `/api/teams/invitations/${await tokenFor(user.email, before + 1)}/accept`)).status, 200);
  }

  await t.test('a team that one is not in and one that does not exist are the same', async (t) => {
    const [owner, stranger] = [await server.register(), await server.register()];
    const team = await makeTeam(owner);
    const paths: [method: string, path: string, body?: object][] = [
      ['GET', ''],
      ['PUT', '/update', { name: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/invite', { email: 'x@example.com' }],
      ['GET', '/members'],
      ['PUT', `/members/${owner.id}/role`, { role: 'viewer' }],
      ['DELETE', `/members/${owner.id}`],
      ['GET', '/settings'],
      ['PUT', '/settings', { locale: 'pt' }],
      ['GET', '/usage'],
      ['GET', '/billing'],
      ['POST', '/billing', { name: 'x', email: 'x@example.com' }],
      ['GET', '/invitations'],
      ['POST', `/invitations/${absent}/resend`],
      ['DELETE', `/invitations/${absent}`],
    ];
    const { id: keyId, key } = (await stranger.send('POST', '/api/keys/generate', { name: 'k' })).body as { id?: string; key?: string };
    for (const [method, path, body] of paths) {
      const [foreign, none] = await Promise.all([team, absent].map((id) => stranger.send(method, `/api/teams/${id}${path}`, body)));
      t.equal(foreign?.status, 404, `${method} ${path}`);
      t.same({ ...foreign?.body, requestId: null }, { ...none?.body, requestId: null }, `${method} ${path}`);
      t.equal((await send(server.url, method, `/api/teams/${team}${path}`, body)).status, 401);
      if (keyId !== undefined && key !== undefined) t.equal((await send(server.url, method, `/api/teams/${team}${path}`, body, { 'x-api-key': key })).status, 404, `by key: ${method} ${path}`);
    }
    t.same(await audited(team), ['teams.created'], 'and no others');
    t.match((await owner.send('GET', `/api/teams/${team}`)).body, { id: team, name: 'Crew' }, 'it is as it was');
    t.match(await owner.send('GET', `/api/teams/${team}`, undefined, { 'x-team-id': (await owner.send('GET', '/api/auth/me')).body.tenantId }), { status: 400, body: { details: { field: 'headers.x-team-id' } } });
  });

  await t.test('made, listed, renamed, told to sockets', async (t) => {
    const owner = await server.register();
    t.match(await owner.send('POST', '/api/teams/create', { name: 'a\u202eb' }), { status: 400 });
    t.match(await owner.send('POST', '/api/teams/create', { name: 'Crew', status: 'active' }), { status: 400 }, 'nothing is assigned that the body may not have');
    const team = await makeTeam(owner);
    const list = (await owner.send('GET', '/api/teams')).body;
    t.match(list.items.map(({ id, role }: { id: string; role: string }) => [id === team, role]), [[false, 'owner'], [true, 'owner']]);
    const first = (await owner.send('GET', '/api/teams?limit=1')).body;
    t.same((await owner.send('GET', `/api/teams?limit=1&cursor=${first.nextCursor}`)).body.items, [list.items[1]]);

    const socket = await openSocket(server.url, (await enter(owner, team)).accessToken);
    t.teardown(() => socket.close());
    t.match(await owner.send('PUT', `/api/teams/${team}/update`, { name: 'New crew' }), { status: 200, body: { name: 'New crew' } });
    t.same(await socket.next('team:settings-updated'), { teamId: team, changed: ['name'] });
    t.equal((await owner.send('PUT', `/api/teams/${team}/update`, { name: 'New crew' })).status, 200, 'as it is already');
    t.match(await owner.send('PUT', `/api/teams/${team}/settings`, { timeZone: 'Moon/Base' }), { status: 400, body: { details: { field: 'body.timeZone' } } });
    t.match((await owner.send('PUT', `/api/teams/${team}/settings`, { timeZone: 'Europe/Lisbon', locale: 'pt-PT' })).body, { timeZone: 'Europe/Lisbon', locale: 'pt-PT', defaultRole: 'member' });
    t.same(await socket.next('team:settings-updated', ({ changed }) => (changed as string[]).includes('locale')), { teamId: team, changed: ['locale', 'timeZone'] });
    t.match((await owner.send('GET', `/api/teams/${team}/usage`)).body, { members: 1, openInvitations: 0, apiKeys: 0, files: { count: 0, sizeBytes: 0 } });
    t.equal(socket.frames.filter(({ event }) => event.startsWith('team:')).length, 2, 'and no others');
    t.same(await audited(team), ['teams.created', 'teams.renamed', 'teams.settings-updated'], 'and no others');
  });

  /** A login whose session is in the team, for sockets: they take the tenant of the token. */
  async function enter(user: TestUser, teamId: string): Promise<{ accessToken: string }> {
    await query('update kernel.memberships set created_at = now() - interval \'10 years\' where tenant_id = $1 and user_id = $2', [teamId, user.id]);
    const { status, body } = await send(server.url, 'POST', '/api/auth/login', { email: user.email, password: user.password });
    t.equal(status, 200);
    return body as { accessToken: string };
  }

  await t.test('an invitation is for its address alone, and for once', async (t) => {
    const [owner, guest, thief] = [await server.register(), await server.register(), await server.register()];
    const team = await makeTeam(owner, 'Crew of evil.example');
    const socket = await openSocket(server.url, (await enter(owner, team)).accessToken);
    t.teardown(() => socket.close());
    for (const email of ['nobody', 'a@b.example\r\nBcc: x@y.example', 'a@b.example, c@d.example']) t.equal((await owner.send('POST', `/api/teams/${team}/invite`, { email })).status, 400, email);
    const made = await owner.send('POST', `/api/teams/${team}/invite`, { email: guest.email.toUpperCase(), role: 'viewer' });
    t.match(made, { status: 201, body: { email: guest.email, role: 'viewer', status: 'pending', invitedBy: owner.id } });
    t.match(await owner.send('POST', `/api/teams/${team}/invite`, { email: guest.email }), { status: 409, body: { error: 'ALREADY_INVITED' } });
    const unknown = await owner.send('POST', `/api/teams/${team}/invite`, { email: 'no-account@example.com', role: 'viewer' });
    t.same(Object.keys(unknown.body), Object.keys(made.body), 'the answer does not tell who has an account');
    const token = await tokenFor(guest.email);
    const [mail] = letters(guest.email);
    t.match(mail?.message.subject, /^Invitation to the team/);
    t.notMatch(mail?.message.text, /evil\.example/, 'a name is no link');
    t.match(mail?.message.text, 'https://proof.example/account/invitation#token=');

    const shown = await send(server.url, 'GET', `/api/teams/invitations/${token}`);
    t.match(shown, { status: 200, body: { team: { id: team }, invitedBy: 'Test User', role: 'viewer' } });
    t.notMatch(JSON.stringify(shown.body), guest.email);
    for (const bad of [`${token}x`, token.slice(0, -3), 'nonsense', `${Buffer.from(JSON.stringify([team, `${made.body.id}.1`, null])).toString('base64url')}.x`]) t.equal((await send(server.url, 'GET', `/api/teams/invitations/${bad}`)).status, 404);
    t.match(await thief.send('POST', `/api/teams/invitations/${token}/accept`), { status: 403, body: { error: 'FORBIDDEN' } });
    t.equal((await send(server.url, 'POST', `/api/teams/invitations/${token}/accept`)).status, 401);
    t.match(await send(server.url, 'POST', `/api/teams/invitations/${token}/register`, { firstName: 'A', lastName: 'B', password: 'violet-Anchor-77-river' }), { status: 409, body: { error: 'ACCOUNT_EXISTS' } });
    t.equal((await thief.send('GET', `/api/teams/${team}`)).status, 404, 'still no member');
    t.equal((await guest.send('GET', `/api/teams/${team}`)).status, 404);

    const answers = await Promise.all(Array.from({ length: 5 }, () => guest.send('POST', `/api/teams/invitations/${token}/accept`)));
    t.ok(answers.some(({ status }) => status === 200), 'it is taken');
    t.same(answers.filter(({ status }) => ![200, 404, 409].includes(status)), [], 'or refused in order');
    t.same(await socket.next('team:member-joined'), { teamId: team, userId: guest.id, role: 'viewer', invitedBy: owner.id });
    t.match((await guest.send('GET', `/api/teams/${team}/members?search=${guest.email.slice(0, 6).toUpperCase()}`)).body.items.map(({ id, role, grantedBy }: { id: string; role: string; grantedBy: string }) => [id, role, grantedBy]), [[guest.id, 'viewer', owner.id]]);
    t.equal((await guest.send('POST', `/api/teams/invitations/${token}/accept`)).status, 404, 'used up');
    t.equal((await guest.send('DELETE', `/api/teams/${team}/members/${guest.id}`)).status, 204, 'leaves');
    t.same(await socket.next('team:member-left'), { teamId: team, userId: guest.id, removedBy: null });
    t.equal((await guest.send('POST', `/api/teams/invitations/${token}/accept`)).status, 404, 'and cannot come back by it');
    t.same(socket.frames.filter(({ event }) => event.startsWith('team:')).map(({ event }) => event), ['team:member-joined', 'team:member-left'], 'and no others');
    t.same(await audited(team), ['teams.created', 'teams.invitation-created', 'teams.invitation-created', 'teams.member-joined', 'teams.member-left'], 'and no others');
  });

  await t.test('sent again, revoked, and taken by somebody new', async (t) => {
    const owner = await server.register();
    const team = await makeTeam(owner);
    const email = `new-${crypto.randomUUID()}@example.com`;
    const { id } = (await owner.send('POST', `/api/teams/${team}/invite`, { email })).body as { id: string };
    const first = await tokenFor(email);
    t.match(await owner.send('POST', `/api/teams/${team}/invitations/${id}/resend`), { status: 429 }, 'not so soon');
    await stored(team, 'invitations', 'update', { id }, { sentAt: new Date(Date.now() - 120_000).toISOString() });
    t.match(await owner.send('POST', `/api/teams/${team}/invitations/${id}/resend`), { status: 200, body: { resent: 1 } });
    const second = await tokenFor(email, 2);
    t.equal((await send(server.url, 'GET', `/api/teams/invitations/${first}`)).status, 404, 'the first link has ended');
    const account = { firstName: 'Nora', lastName: 'New', password: 'violet-Anchor-77-river' };
    t.match(await send(server.url, 'POST', `/api/teams/invitations/${second}/register`, { ...account, password: 'password1' }), { status: 400 });
    t.match(await send(server.url, 'POST', `/api/teams/invitations/${second}/register`, { ...account, operator: true }), { status: 400 });
    const joined = await Promise.all([1, 2, 3].map(() => send(server.url, 'POST', `/api/teams/invitations/${second}/register`, account)));
    t.equal(joined.filter(({ status }) => status === 201).length, 1, 'one account');
    t.equal((await send(server.url, 'POST', `/api/teams/invitations/${second}/register`, account)).status, 404);
    const { status, body: login } = await send(server.url, 'POST', '/api/auth/login', { email, password: account.password });
    t.equal(status, 200);
    const me = await send(server.url, 'GET', '/api/teams', undefined, { authorization: `Bearer ${login.accessToken}` });
    t.match(me.body.items.find((one: { id: string }) => one.id === team), { role: 'member' });
    t.match(await query('select operator, email_verified_at is not null as verified from kernel.users where email = $1', [email]), [{ operator: false, verified: true }]);

    const other = `other-${crypto.randomUUID()}@example.com`;
    const made = await owner.send('POST', `/api/teams/${team}/invite`, { email: other });
    const token = await tokenFor(other);
    t.equal((await owner.send('DELETE', `/api/teams/${team}/invitations/${made.body.id}`)).status, 204);
    t.equal((await send(server.url, 'POST', `/api/teams/invitations/${token}/register`, account)).status, 404, 'revoked');
    t.equal((await owner.send('DELETE', `/api/teams/${team}/invitations/${made.body.id}`)).status, 404);
    t.match((await owner.send('GET', `/api/teams/${team}/invitations?status=revoked`)).body.items, [{ id: made.body.id }]);
    t.match(await owner.send('PUT', `/api/teams/${team}/settings`, { allowedEmailDomains: ['proof.example'] }), { status: 200 });
    t.match(await owner.send('POST', `/api/teams/${team}/invite`, { email: other }), { status: 400, body: { details: { field: 'body.email' } } });
  });

  await t.test('nobody gives or takes more than they hold', async (t) => {
    const [owner, admin, member, guest] = [await server.register(), await server.register(), await server.register(), await server.register()];
    const team = await makeTeam(owner);
    for (const [user, role] of [[admin, 'admin'], [member, 'member']] as const) await bring(team, owner, user, role);
    const before = await audited(team);
    const refused: [TestUser, string, string, object?][] = [
      [admin, 'PUT', `members/${member.id}/role`, { role: 'owner' }],
      [admin, 'PUT', `members/${admin.id}/role`, { role: 'owner' }],
      [admin, 'PUT', `members/${owner.id}/role`, { role: 'member' }],
      [admin, 'DELETE', `members/${owner.id}`],
      [admin, 'POST', 'invite', { email: guest.email, role: 'owner' }],
      [admin, 'DELETE', ''],
      [member, 'PUT', `members/${member.id}/role`, { role: 'admin' }],
      [member, 'DELETE', `members/${admin.id}`],
      [member, 'POST', 'invite', { email: guest.email }],
      [member, 'PUT', 'settings', { locale: 'pt' }],
      [member, 'GET', 'billing'],
      [member, 'GET', 'invitations'],
    ];
    for (const [user, method, path, body] of refused) t.equal((await user.send(method, `/api/teams/${team}${path === '' ? '' : `/${path}`}`, body)).status, 403, `${method} ${path}`);
    t.match(await owner.send('PUT', `/api/teams/${team}/members/${owner.id}/role`, { role: 'admin' }), { status: 409 }, 'the last owner');
    t.equal((await owner.send('PUT', `/api/teams/${team}/members/${member.id}/role`, { role: absent })).status, 404, 'a role that there is not');
    t.equal((await owner.send('PUT', `/api/teams/${team}/members/${guest.id}/role`, { role: 'viewer' })).status, 404);
    t.same(await audited(team), before, 'and nothing is in the log');

    t.equal((await admin.send('POST', `/api/teams/${team}/invite`, { email: guest.email, role: 'admin' })).status, 201);
    const token = await tokenFor(guest.email);
    t.match(await owner.send('PUT', `/api/teams/${team}/members/${admin.id}/role`, { role: 'viewer' }), { status: 200, body: { role: 'viewer', grantedBy: owner.id } });
    t.match(await guest.send('POST', `/api/teams/invitations/${token}/accept`), { status: 409, body: { error: 'INVITATION_WITHDRAWN' } }, 'who invited is no admin any more');
    t.equal((await guest.send('GET', `/api/teams/${team}`)).status, 404);
  });

  await t.test('two owners who leave at once leave one behind', async (t) => {
    const [one, two] = [await server.register(), await server.register()];
    for (let round = 0; round < 3; round++) {
      const team = await makeTeam(one);
      await bring(team, one, two, 'owner');
      const leave = (user: TestUser) => user.send('DELETE', `/api/teams/${team}/members/${user.id}`);
      const demote = (user: TestUser, whom: TestUser) => user.send('PUT', `/api/teams/${team}/members/${whom.id}/role`, { role: 'viewer' });
      const statuses = (await Promise.all(round === 2 ? [demote(one, two), demote(two, one)] : [leave(one), leave(two)])).map(({ status }) => status);
      t.ok(statuses.every((status) => [200, 204, 403, 404, 409].includes(status)), statuses.join());
      t.match(await query(`select count(*)::int as owners from kernel.memberships where tenant_id = $1 and role = 'owner'`, [team]), [{ owners: 1 }]);
    }
  });

  await t.test('who is taken out is out at once', async (t) => {
    const [owner, member] = [await server.register(), await server.register()];
    const team = await makeTeam(owner);
    await bring(team, owner, member, 'admin');
    const socket = await openSocket(server.url, (await enter(member, team)).accessToken);
    t.teardown(() => socket.close());
    t.equal((await member.send('GET', `/api/teams/${team}`)).status, 200);
    t.equal((await owner.send('DELETE', `/api/teams/${team}/members/${member.id}`)).status, 204);
    t.equal((await member.send('GET', `/api/teams/${team}`)).status, 404);
    await socket.next('disconnect');
    t.equal((await owner.send('DELETE', `/api/teams/${team}/members/${member.id}`)).status, 404);
  });

  await t.test('a deleted team is gone, with what it held', async (t) => {
    const owner = await server.register();
    const team = await makeTeam(owner);
    await owner.send('POST', `/api/teams/${team}/billing`, { name: 'Ann Owner', email: 'ann@example.com' });
    await owner.send('POST', `/api/teams/${team}/invite`, { email: `gone-${crypto.randomUUID()}@example.com` });
    const records = async () => Number(await stored(team, 'billing', 'count', {})) + Number(await stored(team, 'invitations', 'count', {}));
    t.equal(await records(), 2);
    t.equal((await owner.send('DELETE', `/api/teams/${team}`)).status, 204);
    t.equal((await owner.send('GET', `/api/teams/${team}`)).status, 404);
    t.equal((await owner.send('DELETE', `/api/teams/${team}`)).status, 404);
    t.notOk((await owner.send('GET', '/api/teams')).body.items.some(({ id }: { id: string }) => id === team));
    await until(async () => (await records()) === 0);
    t.same(await audited(team), ['teams.created', 'teams.billing-contact-updated', 'teams.invitation-created', 'teams.deleted']);
    t.match(await query('select status, name from kernel.tenants where id = $1', [team]), [{ status: 'deleted', name: 'Crew' }]);
  });
}

for (const runtime of ['in-process', 'sandboxed'] as const) await t.test(runtime, (test) => scenario(test, runtime));
