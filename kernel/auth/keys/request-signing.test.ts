import { createHash, createHmac, randomBytes } from 'node:crypto';
import t from 'tap';
import type { SignedRequest } from '../contract.ts';
import { canonicalText, signatureParts, verifySignature } from './request-signing.ts';

const secret = 'pxs_secret-of-this-test';
const nowMs = Date.UTC(2026, 10, 22, 12);
const unauthorized = { code: 'UNAUTHORIZED' };

/** The recipe of docs/api-keys.md, written without our own code. */
function signed(change: { method?: string; target?: string; body?: string; seconds?: number; secret?: string } = {}): SignedRequest & { headers: Record<string, string> } {
  const { method = 'POST', target = '/api/files/search?q=a%20b&limit=5', body = '{"a":1}', seconds = nowMs / 1000 } = change;
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
  const nonce = randomBytes(16).toString('hex');
  const text = `PX-HMAC-SHA256-1\n${method}\n${target}\n${digest}\n${seconds}\n${nonce}`;
  const signature = createHmac('sha256', change.secret ?? secret).update(text).digest('hex');
  return { method, target, headers: { 'content-digest': digest, 'x-signature-timestamp': String(seconds), 'x-signature-nonce': nonce, 'x-signature': signature } };
}

t.test('a request that was changed after it was signed is refused', async (test) => {
  const good = signed();
  const other = signed({ body: '{"a":2}' });
  const with_ = (headers: Record<string, string | string[] | undefined>): SignedRequest => ({ ...good, headers: { ...good.headers, ...headers } });
  const cases: [what: string, request: SignedRequest | undefined][] = [
    ['nothing to sign', undefined],
    ['another method', { ...good, method: 'PUT' }],
    ['another path', { ...good, target: '/api/files/other?q=a%20b&limit=5' }],
    ['another query', { ...good, target: '/api/files/search?q=a%20b&limit=50' }],
    ['the same query, written otherwise', { ...good, target: '/api/files/search?q=a+b&limit=5' }],
    ['another body', with_({ 'content-digest': other.headers['content-digest'] })],
    ['no digest', with_({ 'content-digest': undefined })],
    ['two digests', with_({ 'content-digest': `${good.headers['content-digest']}, ${other.headers['content-digest']}` })],
    ['another algorithm', with_({ 'content-digest': 'sha-512=:AAAA:' })],
    ['another nonce', with_({ 'x-signature-nonce': other.headers['x-signature-nonce'] })],
    ['a short nonce', with_({ 'x-signature-nonce': 'a' })],
    ['no nonce', with_({ 'x-signature-nonce': undefined })],
    ['another time', with_({ 'x-signature-timestamp': String(nowMs / 1000 + 1) })],
    ['a time that is none', with_({ 'x-signature-timestamp': '1e9' })],
    ['a signature of another length', with_({ 'x-signature': 'ab' })],
    ['no signature', with_({ 'x-signature': undefined })],
    ['two signatures', with_({ 'x-signature': ['a'.repeat(64), 'b'.repeat(64)] })],
    ['another secret', signed({ secret: 'pxs_other' })],
    ['too old', signed({ seconds: nowMs / 1000 - 301 })],
    ['too new', signed({ seconds: nowMs / 1000 + 301 })],
  ];
  for (const [what, request] of cases) test.throws(() => verifySignature(secret, request, nowMs), unauthorized, what);
});

t.test('a signed request is accepted within five minutes, also beside other digests and without a body', async (test) => {
  for (const seconds of [-300, 0, 300]) test.doesNotThrow(() => verifySignature(secret, signed({ seconds: nowMs / 1000 + seconds }), nowMs));
  const good = signed();
  test.doesNotThrow(() => verifySignature(secret, { ...good, headers: { ...good.headers, 'content-digest': `sha-512=:AAAA:, ${good.headers['content-digest']}` } }, nowMs));
  const { 'content-digest': _digest, ...headers } = signed({ method: 'GET', body: '' }).headers;
  test.doesNotThrow(() => verifySignature(secret, { method: 'GET', target: good.target, headers }, nowMs), 'a body that is not mentioned is empty');
  const parts = signatureParts(good);
  test.equal(canonicalText(good, parts).split('\n').length, 6);
});
