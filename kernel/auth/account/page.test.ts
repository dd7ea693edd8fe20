import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { tokenPage, tokenPagePolicy } from './page.ts';

/** As much of a browser as the page's script uses. */
function open(html: string, hash: string, answers: Record<string, { status: number; body: object }>, typed: Record<string, string> = {}) {
  const requests: { path: string; headers: Record<string, string>; body: unknown }[] = [];
  const output = { textContent: '' };
  let submit: ((event: object) => Promise<void>) | undefined;
  const [, endpoint = '', login, done = ''] = /<form data-endpoint="([^"]*)"( data-login)? data-done="([^"]*)">/.exec(html) ?? [];
  const form = { dataset: { endpoint, done, ...(login === undefined ? {} : { login: '' }) }, hidden: false, querySelector: () => ({ disabled: false }), addEventListener: (_event: string, listener: typeof submit) => (submit = listener) };
  const location = { hash, pathname: '/account/x' };
  runInNewContext(/<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '', {
    document: { querySelector: () => output, querySelectorAll: () => [form] },
    location,
    history: { replaceState: () => (location.hash = '') },
    URLSearchParams,
    FormData: class {
      *[Symbol.iterator]() {
        yield* Object.entries(typed);
      }
    },
    fetch: async (path: string, init: { headers: Record<string, string>; body?: string }) => {
      requests.push({ path, headers: init.headers, body: init.body === undefined ? null : JSON.parse(init.body) });
      const { status, body } = answers[path] ?? { status: 404, body: { message: 'no such path' } };
      return { status, ok: status < 300, json: async () => body };
    },
  });
  return { requests, output, form, location, submit: async () => submit?.({ preventDefault: () => undefined }) };
}

const form = { text: 'Well?', fields: [], button: 'Yes', endpoint: '../api/do', done: 'Done.' };

t.test('the policy allows the page’s script and no other', (test) => {
  const script = /<script>([\s\S]*)<\/script>/.exec(tokenPage({ title: 'x', forms: [form] }))?.[1] ?? '';
  test.match(tokenPagePolicy, `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  test.end();
});

t.test('nothing is sent before the click, and the address bar forgets the token', async (test) => {
  const page = open(tokenPage({ title: 'x', forms: [form] }), '#token=abc', { '../api/do': { status: 200, body: {} } }, { password: 'p' });
  test.same(page.requests, []);
  test.equal(page.location.hash, '');
  await page.submit();
  test.match(page.requests, [{ path: '../api/do', body: { token: 'abc', password: 'p' } }]);
  test.equal(page.output.textContent, 'Done.');
  test.equal(page.form.hidden, true);
});

t.test('a refusal is shown in its own words', async (test) => {
  const page = open(tokenPage({ title: 'x', forms: [form] }), '#token=abc', { '../api/do': { status: 400, body: { message: 'The link is not good.' } } });
  await page.submit();
  test.equal(page.output.textContent, 'The link is not good.');
  test.equal(page.form.hidden, false);
});

t.test('a form with a login asks in a session that ends with it', async (test) => {
  const html = tokenPage({ title: 'x', forms: [{ ...form, login: true, endpoint: '../api/teams/{token}/accept' }] });
  const answers = { '../api/auth/login': { status: 200, body: { accessToken: 'a' } }, '../api/teams/abc/accept': { status: 200, body: {} }, '../api/auth/logout': { status: 204, body: {} } };
  const page = open(html, '#token=abc', answers, { email: 'e', password: 'p' });
  await page.submit();
  test.match(page.requests, [
    { path: '../api/auth/login', body: { email: 'e', password: 'p' } },
    { path: '../api/teams/abc/accept', headers: { authorization: 'Bearer a' }, body: null },
    { path: '../api/auth/logout', headers: { authorization: 'Bearer a' } },
  ]);
  test.equal(page.output.textContent, 'Done.');
  const second = open(html, '#token=abc', { '../api/auth/login': { status: 200, body: { mfaRequired: true } } });
  await second.submit();
  test.match(second.output.textContent, /two-step login/);
});
