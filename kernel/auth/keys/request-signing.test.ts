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
  const having = (headers: Record<string, string | string[] | undefined>): SignedRequest => ({ ...good, headers: { ...good.headers, ...headers } });
  const cases: [what: string, request: SignedRequest | undefined][] = [
    ['nothing to sign', undefined],
    ['another method', { ...good, method: 'PUT' }],
    ['another path', { ...good, target: '/api/files/other?q=a%20b&limit=5' }],
    ['another query', { ...good, target: '/api/files/search?q=a%20b&limit=50' }],
    ['the same query, written otherwise', { ...good, target: '/api/files/search?q=a+b&limit=5' }],
    ['another body', having({ 'content-digest': other.headers['content-digest'] })],
    ['no digest', having({ 'content-digest': undefined })],
    ['two digests', having({ 'content-digest': `${good.headers['content-digest']}, ${other.headers['content-digest']}` })],
    ['another algorithm', having({ 'content-digest': 'sha-512=:AAAA:' })],
    ['another nonce', having({ 'x-signature-nonce': other.headers['x-signature-nonce'] })],
    ['a short nonce', having({ 'x-signature-nonce': 'a' })],
    ['no nonce', having({ 'x-signature-nonce': undefined })],
    ['another time', having({ 'x-signature-timestamp': String(nowMs / 1000 + 1) })],
    ['a time that is none', having({ 'x-signature-timestamp': '1e9' })],
    ['a signature of another length', having({ 'x-signature': 'ab' })],
    ['no signature', having({ 'x-signature': undefined })],
    ['two signatures', having({ 'x-signature': ['a'.repeat(64), 'b'.repeat(64)] })],
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
