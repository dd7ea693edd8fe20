import t from 'tap';
import { browserOf } from './browser-id.ts';

const cookieOf = (line: string | null): string => (line ?? '').split(';')[0] ?? '';

t.test('a browser without a cookie gets one, and is known by it', async (t) => {
  const first = browserOf(undefined, 'oauth', true);
  t.match(first.setCookie, /^__Host-proofpix-browser=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  const again = browserOf(`other=1; ${cookieOf(first.setCookie)}`, 'oauth', true);
  t.strictSame(again, { id: first.id, setCookie: null });
  t.not(browserOf(undefined, 'oauth', true).id, first.id);
});

t.test('a plugin never sees the cookie, nor what another plugin sees', async (t) => {
  const first = browserOf(undefined, 'oauth', false);
  const cookie = cookieOf(first.setCookie);
  t.notMatch(first.id, new RegExp(cookie.split('=')[1] as string));
  t.not(browserOf(cookie, 'other', false).id, first.id);
});

t.test('a cookie that is malformed, doubled, or not for https counts as none', async (t) => {
  const value = 'A'.repeat(43);
  for (const header of ['__Host-proofpix-browser=short', `__Host-proofpix-browser=${value}; __Host-proofpix-browser=${'B'.repeat(43)}`, `proofpix-browser=${value}`]) t.not(browserOf(header, 'oauth', true).setCookie, null, header);
});
