import t from 'tap';
import { openLinks } from './links.ts';

const tenantId = '0199a000-0000-7000-8000-000000000001';

t.test('a link opens only what it was signed for, by whom, and until when', async (t) => {
  let now = 1_800_000_000_000;
  const links = openLinks(new Uint8Array(32), () => now);
  const token = links.sign({ tenantId, pluginId: 'files', purpose: 'share', id: 'x', expiresInSeconds: 60 });
  const [body, signature] = token.split('.') as [string, string];
  const forged = Buffer.from(JSON.stringify(['0199a000-0000-7000-8000-000000000002', 'x', null])).toString('base64url');
  for (const bad of ['', '.', body, `${body}.`, `${forged}.${signature}`, `${token}.x`, `${body}.${signature.slice(1)}`, 'x'.repeat(5000)]) t.equal(links.verify('files', 'share', bad), null, bad.slice(0, 40));
  t.equal(links.verify('webhooks', 'share', token), null, 'another plugin');
  t.equal(links.verify('files', 'invite', token), null, 'another purpose');
  t.equal(openLinks(new Uint8Array(32).fill(1)).verify('files', 'share', token), null, 'another deployment');
  t.strictSame(links.verify('files', 'share', token), { tenantId, id: 'x' });
  now += 60_000;
  t.equal(links.verify('files', 'share', token), null, 'expired');
});
