import { randomUUID } from 'node:crypto';
import t from 'tap';
import { quietLog, testDatabase, testMasterKey } from '../../test/support/database.ts';
import { until } from '../../test/support/messaging.ts';
import { smtpServer } from '../../test/support/smtp-server.ts';
import { statement } from '../database/statement.ts';
import { openVault } from '../storage/index.ts';
import type { OutgoingMail } from './contract.ts';
import { type MailOptions, openMail } from './open-mail.ts';
import { serverSettings } from './transport.ts';

const database = await testDatabase(t);
const vault = await openVault({ masterKey: testMasterKey, database });
const quick = { pollMs: 50, retryMs: 20, claimMs: 60_000 };
const sample: OutgoingMail = { recipient: 'ada@example.com', subject: 'Hello', text: 'Hello Ada', purpose: 'test', tenantId: null };

async function open(test: { teardown(fn: () => unknown): unknown }, options: Partial<MailOptions> = {}) {
  const mail = await openMail({ database, vault, server: null, publicUrl: () => 'https://proof.example/base/', log: quietLog, times: quick, ...options });
  test.teardown(() => mail.close());
  return { mail, send: (change: Partial<OutgoingMail> = {}) => database.system((em) => mail.send(em, { ...sample, ...change })) };
}

const rowOf = async (id: string) => (await database.system((em) => statement<{ state: string; attempts: number; last_error: string | null; body_sealed: Buffer | null }>(em, 'select state, attempts, last_error, body_sealed from kernel.mails where id = $1', [id])))[0];
const note = async (): Promise<void> => undefined;
const anyId = randomUUID();

t.test('what could begin a header of its own is refused and not stored', async (test) => {
  const { send } = await open(test);
  const bad: Partial<OutgoingMail>[] = [
    { recipient: 'ada@example.com\r\nBcc: eve@example.com' },
    { recipient: 'ada@example.com\nBcc: eve@example.com' },
    { recipient: 'ada@example.com, eve@example.com' },
    { recipient: 'Ada <ada@example.com>' },
    { recipient: 'ADA@example.com' },
    { recipient: 'ada@example.com\0' },
    { subject: 'Hello\r\nBcc: eve@example.com' },
    { subject: 'Hello\u2028there' },
    { subject: 'Hello\0' },
    { subject: ' ' },
    { subject: 'x'.repeat(201) },
    { purpose: 'a b' },
    { text: 'a\0b' },
    { text: 'x'.repeat(65_537) },
    { html: 'x'.repeat(262_145) },
  ];
  for (const [at, change] of bad.entries()) await test.rejects(send(change), { code: 'VALIDATION_ERROR', details: { field: Object.keys(change)[0] } }, `case ${at}`);
  const rows = await database.system((em) => statement(em, 'select 1 from kernel.mails'));
  test.equal(rows.length, 0);
  for (const from of ['nobody', 'A\r\nBcc: eve@example.com <a@example.com>', 'a@example.com\nX: y']) await test.rejects(open(test, { from }), /MAIL_FROM/);
});

t.test('without a server mail is held, read by operators, and sent once there is a server', async (test) => {
  const { mail, send } = await open(test);
  test.equal(mail.canSend, false);
  const { id } = await send({ html: '<p>Hello</p>' });
  const outlived = await send({ usefulForMs: 1 });
  test.match(await rowOf(id), { state: 'held', attempts: 0 });
  test.notMatch((await rowOf(id))?.body_sealed?.toString('latin1'), 'Hello Ada', 'the body is sealed');
  test.match(await mail.log.read(id, note), { state: 'held', body: { text: 'Hello Ada', html: '<p>Hello</p>' } });
  await test.rejects(mail.log.read(id, async () => Promise.reject(new Error('no note'))), /no note/, 'not read without the note of it');
  await test.rejects(mail.log.read(anyId, note), { code: 'NOT_FOUND' });
  await test.rejects(mail.log.retry(id, note), { code: 'CONFLICT' });

  const smtp = await smtpServer(test);
  await open(test, { server: { smtpUrl: smtp.url } });
  await smtp.mailTo(sample.recipient);
  await until(async () => (await rowOf(id))?.state === 'sent');
  test.match(await rowOf(id), { attempts: 1, body_sealed: null }, 'the body is gone once it was handed over');
  test.match(await mail.log.read(id, note), { state: 'sent', body: null, sentAt: String });
  await mail.sweep();
  test.match(await rowOf(outlived.id), { state: 'held', body_sealed: null }, 'what outlived its use stays unsent, without its body');
  test.equal(smtp.received.length, 1);
});

t.test('a mail arrives as it was written, and says that no person wrote it', async (test) => {
  const smtp = await smtpServer(test);
  const { send } = await open(test, { server: { smtpUrl: smtp.url }, from: '"Proof, Pix" <office@proof.example>' });
  const { id } = await send({ subject: 'Grüße – 你好', text: 'Line\n.\nLine', html: '<b>x</b>' });
  const { message, raw, from, to } = await smtp.mailTo(sample.recipient);
  test.match(message, { subject: 'Grüße – 你好', text: 'Line\n.\nLine\n', from: { address: 'office@proof.example', name: 'Proof, Pix' }, messageId: `<${id}@proof.example>` });
  test.match(raw, /^Auto-Submitted: auto-generated\r$/m);
  test.same({ from, to }, { from: 'office@proof.example', to: [sample.recipient] });
});

t.test('what a server refuses for now is tried again, what it refuses for good is not', async (test) => {
  const smtp = await smtpServer(test);
  const { mail, send } = await open(test, { server: { smtpUrl: smtp.url } });
  smtp.answer(451);
  const { id } = await send();
  await until(() => smtp.offered >= 2);
  test.match(await rowOf(id), { state: 'queued', last_error: /Not now/ });
  smtp.answer(null);
  await until(async () => (await rowOf(id))?.state === 'sent');
  test.equal(smtp.received.length, 1);
  test.equal((await rowOf(id))?.last_error, null);

  smtp.answer(550);
  const lost = await send();
  await until(async () => (await rowOf(lost.id))?.state === 'failed');
  test.match(await rowOf(lost.id), { attempts: 1, last_error: /Not now/ });
  smtp.answer(null);
  await mail.log.retry(lost.id, note);
  await until(async () => (await rowOf(lost.id))?.state === 'sent');
  await test.rejects(mail.log.retry(lost.id, note), { code: 'CONFLICT' }, 'a sent mail is not sent again');
});

t.test('a server that hangs holds nothing up, and who gives up is bounded', async (test) => {
  const smtp = await smtpServer(test);
  smtp.answer('hang');
  const { send } = await open(test, { server: { smtpUrl: smtp.url }, times: { ...quick, retryMs: 1, pollMs: 10, stepTimeoutMs: 60_000, timeoutMs: 50 } });
  const sent = await Promise.all(Array.from({ length: 3 }, () => send()));
  await until(async () => (await Promise.all(sent.map(({ id }) => rowOf(id)))).every((row) => row?.state === 'failed'), 60_000);
  const row = await rowOf(sent[0]?.id ?? '');
  test.match(row, { attempts: 12, last_error: /longer than 50 ms/ });
  test.ok(row?.body_sealed, 'the body stays for whoever tries again');
});

t.test('two nodes send each mail once; a transaction that fails sends none', async (test) => {
  const smtp = await smtpServer(test);
  const server = { smtpUrl: smtp.url };
  const [one, two] = [await open(test, { server }), await open(test, { server })];
  await test.rejects(database.system(async (em) => {
    await one.mail.send(em, { ...sample, recipient: 'none@example.com' });
    throw new Error('undone');
  }), /undone/);
  await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : two).send({ recipient: `user${at}@example.com` })));
  await until(() => smtp.received.length >= 20);
  const id = randomUUID();
  const twice = [await one.send({ id, recipient: 'twice@example.com' }), await two.send({ id, recipient: 'twice@example.com' })];
  test.same(twice.map(({ isNew }) => isNew), [true, false]);
  await until(async () => (await rowOf(id))?.state === 'sent');
  test.equal(new Set(smtp.received.map(({ message }) => message.messageId)).size, 21);
  test.equal(smtp.received.length, 21);
});

t.test('mail of a sender that died is sent by another once its claim has ended', async (test) => {
  const smtp = await smtpServer(test);
  const held = await open(test);
  const { id } = await held.send({ recipient: 'orphan@example.com' });
  const claim = (left: string) => database.system((em) => statement(em, `update kernel.mails set state = 'queued', attempts = 1, claimed_until = now() + $2::interval where id = $1`, [id, left]));
  await claim('1 hour');
  const { send } = await open(test, { server: { smtpUrl: smtp.url } });
  await send({ recipient: 'later@example.com' });
  await smtp.mailTo('later@example.com');
  test.same(smtp.allTo('orphan@example.com'), [], 'while it is claimed, nobody else takes it');
  await claim('-1 second');
  await smtp.mailTo('orphan@example.com');
  await until(async () => (await rowOf(id))?.state === 'sent');
  test.match(await rowOf(id), { attempts: 2 });
});

t.test('passwords for mail servers elsewhere go over TLS only', async (test) => {
  const demanded = ['smtp://u:p@mail.example:587', 'smtp://mail.example', 'smtp://u:p@127.0.0.1:25', 'smtps://u:p@mail.example'].map((smtpUrl) => (serverSettings({ smtpUrl }) as { requireTLS: boolean }).requireTLS);
  test.same(demanded, [true, false, false, false]);
  test.match(serverSettings({ sendgridApiKey: 'key' }), { host: 'smtp.sendgrid.net', port: 465, secure: true, auth: { user: 'apikey', pass: 'key' } });
});

t.test('the list has pages and filters, and no bodies; links never follow from a request', async (test) => {
  const { mail } = await open(test);
  await database.system(async (em) => {
    await statement(em, 'delete from kernel.mails');
    // one moment for all: only the id tells them apart
    for (let at = 0; at < 5; at += 1) await mail.send(em, { ...sample, purpose: at < 2 ? 'few' : 'many' });
  });
  const seen: string[] = [];
  for (let cursor: string | undefined, rounds = 0; rounds < 5; rounds += 1) {
    const page = await mail.log.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  test.equal(new Set(seen).size, 5);
  test.equal((await mail.log.list({ limit: 10, purpose: 'few' })).items.length, 2);
  test.same((await mail.log.list({ limit: 10, state: 'sent' })).items, []);
  test.notMatch(JSON.stringify(await mail.log.list({ limit: 10 })), 'Hello Ada');
  for (const cursor of ['x', Buffer.from('1 2').toString('base64url')]) await test.rejects(mail.log.list({ limit: 2, cursor }), { code: 'VALIDATION_ERROR' });
  test.equal(mail.link('/account/x#token=1'), 'https://proof.example/base/account/x#token=1');
});
