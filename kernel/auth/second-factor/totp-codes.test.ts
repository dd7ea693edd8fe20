import t from 'tap';
import { newTotpSecret, totpStepOf, totpUri } from './totp-codes.ts';
import { normaliseRecoveryCode } from './recovery-codes.ts';

/** RFC 6238, appendix B, SHA-1: seconds and the eight digits, of which six are the last six. */
const vectors: readonly (readonly [number, string])[] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];
/** `12345678901234567890` */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

t.test('the vectors of RFC 6238', async (test) => {
  for (const [seconds, digits] of vectors) test.equal(totpStepOf(secret, digits.slice(-6), seconds * 1000), Math.floor(seconds / 30), String(seconds));
});

t.test('a code is good in its own step and in the two beside it', async (test) => {
  const [, digits] = vectors[4] ?? [0, ''];
  const code = digits.slice(-6);
  const step = 2_000_000_000 / 30;
  const first = Math.floor(step) * 30_000;
  for (const [offsetMs, expected] of [[-30_001, null], [-30_000, Math.floor(step)], [0, Math.floor(step)], [29_999, Math.floor(step)], [59_999, Math.floor(step)], [60_000, null]] as const) {
    test.equal(totpStepOf(secret, code, first + offsetMs), expected, `${offsetMs} ms from its beginning`);
  }
  test.equal(totpStepOf(secret, `${code.slice(0, 3)} ${code.slice(3)}`, first), Math.floor(step), 'as apps show it');
});

t.test('what is no code is refused, whatever it is', async (test) => {
  for (const text of ['', '12345', '1234567', 'abcdef', '１２３４５６', '-12345', '1e5   ', '12345\n', '\0\0\0\0\0\0']) test.equal(totpStepOf(secret, text, 59_000), null, JSON.stringify(text));
});

t.test('a secret has 160 bits, and the address for apps names account and issuer', async (test) => {
  const made = newTotpSecret();
  test.match(made, /^[A-Z2-7]{32}$/);
  test.not(made, newTotpSecret());
  const uri = new URL(totpUri(made, { issuer: 'ProofPix', account: 'a+b&c@example.com' }));
  test.equal(uri.protocol, 'otpauth:');
  test.equal(uri.searchParams.get('secret'), made);
  test.equal(uri.searchParams.get('issuer'), 'ProofPix');
  test.match(decodeURIComponent(uri.pathname), /ProofPix:a\+b&c@example\.com$/);
});

t.test('recovery codes are read as people write them', async (test) => {
  test.equal(normaliseRecoveryCode('01abc-defgh-jkmnp-qrstv'), '01ABCDEFGHJKMNPQRSTV');
  test.equal(normaliseRecoveryCode(' oIabc defgh jkmnp qrstv '), '01ABCDEFGHJKMNPQRSTV');
  for (const text of ['', '01ABC', '01ABC-DEFGH-JKMNP-QRSTU', '01ABC-DEFGH-JKMNP-QRSTVW', '01ABC-DEFGH-JKMNP-QRST\0']) test.equal(normaliseRecoveryCode(text), null, JSON.stringify(text));
});
