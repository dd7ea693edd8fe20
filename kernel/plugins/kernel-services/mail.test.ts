import t from 'tap';
import { quietLog, testDatabase, testMasterKey } from '../../../test/support/database.ts';
import { tenantA, tenantB } from '../../../test/support/messaging.ts';
import { statement } from '../../database/statement.ts';
import { openMail } from '../../mail/index.ts';
import { openVault } from '../../storage/index.ts';
import type { PluginCall } from '../call.ts';
import { mailService } from './mail.ts';

const database = await testDatabase(t);
const mail = await openMail({ database, vault: await openVault({ masterKey: testMasterKey, database }), server: null, publicUrl: () => 'https://proof.example', log: quietLog });
t.teardown(() => mail.close());
const service = mailService({ database, mail });
const callOf = (tenantId: string | null, id = 'teams') => ({ tenantId, version: { manifest: { id } } }) as unknown as PluginCall;
const run = (method: string, call: PluginCall, input: object) => service.methods[method]?.(call, input as never);
const letter = { to: ' Ada@Example.com', subject: 'Join us', text: 'Join us', purpose: 'invitation' };
const countOf = async (tenantId: string) => (await database.system((em) => statement<{ count: number }>(em, 'select count(*)::int as count from kernel.mails where tenant_id = $1', [tenantId])))[0]?.count;

t.test('what is no mail is refused and not stored', async (test) => {
  await test.rejects(run('send', callOf(null), letter) as Promise<unknown>, { code: 'FORBIDDEN' });
  for (const bad of [{ to: 'nobody' }, { to: 'a@example.com\r\nBcc: b@example.com' }, { subject: 'a\r\nBcc: b@example.com' }, { text: 'a\0' }]) await test.rejects(run('send', callOf(tenantA), { ...letter, ...bad }) as Promise<unknown>, { code: 'VALIDATION_ERROR' });
  test.equal(await countOf(tenantA), 0);
});

t.test('a key makes it one mail, per team and plugin', async (test) => {
  const keyed = { ...letter, idempotencyKey: 'invite 1' };
  const all = (await Promise.all(Array.from({ length: 5 }, () => run('send', callOf(tenantA), keyed)))) as { mailId: string; isNew: boolean }[];
  test.equal(new Set(all.map(({ mailId }) => mailId)).size, 1);
  test.equal(all.filter(({ isNew }) => isNew).length, 1);
  for (const other of [callOf(tenantB), callOf(tenantA, 'users')]) test.match(await run('send', other, keyed), { isNew: true });
  test.match(await run('send', callOf(tenantA), letter), { isNew: true });
  const rows = await database.system((em) => statement(em, 'select recipient, purpose, state from kernel.mails where id = $1', [all[0]?.mailId]));
  test.same(rows, [{ recipient: 'ada@example.com', purpose: 'teams.invitation', state: 'held' }]);
});

t.test('a team may send 500 an hour, also when it asks at once', async (test) => {
  await database.system((em) => statement(em, `insert into kernel.mails (id, tenant_id, recipient, subject, purpose, state, expires_at) select gen_random_uuid(), $1, 'a@example.com', 's', 'p', 'sent', now() from generate_series(1, 498)`, [tenantB]));
  const sent = await Promise.allSettled(Array.from({ length: 4 }, () => run('send', callOf(tenantB), letter)));
  test.equal(sent.filter(({ status }) => status === 'fulfilled').length, 1);
  test.match(sent.find(({ status }) => status === 'rejected'), { reason: { code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: Number } });
  test.match(await run('send', callOf(tenantA), letter), { isNew: true }, 'another team is not concerned');
});

t.test('links have the public address', async (test) => {
  test.same(await run('linkTo', callOf(tenantA), { path: '/join#token=x' }), { url: 'https://proof.example/join#token=x' });
});
