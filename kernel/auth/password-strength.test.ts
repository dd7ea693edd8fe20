import { performance } from 'node:perf_hooks';
import t from 'tap';
import { requireStrongPassword } from './password-strength.ts';

const easy = { code: 'VALIDATION_ERROR', details: { field: 'body.password', issue: 'is too easy to guess' } };

t.test('what can be guessed is refused with advice', async (t) => {
  for (const password of ['password', 'Password1!', 'qwertyuiop', 'aaaaaaaaaaaa', '2026-11-22', 'proofpix2026']) await t.rejects(requireStrongPassword(password, []), easy, password);
  t.match(await requireStrongPassword('password', []).catch((error: unknown) => error), { details: { suggestions: [/./] } });
  await t.rejects(requireStrongPassword('lovelace1815', ['ada.lovelace1815@example.com']), easy, 'what is known of the user');
  await t.rejects(requireStrongPassword('x', [], 'newPassword'), { code: 'VALIDATION_ERROR', details: { field: 'body.newPassword' } });
  await requireStrongPassword('Violet-Kettle-7f3a', ['ada@example.com']);
  await requireStrongPassword('ü€漢字 und noch etwas Lavendel', []);
});

t.test('requests go on while passwords are checked, and the queue has an end', async (t) => {
  const before = performance.eventLoopUtilization();
  const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => requireStrongPassword('Violet-Kettle-7f3a and a long tail that costs', [])));
  const { utilization } = performance.eventLoopUtilization(before);
  t.ok(utilization < 0.5, `the loop was busy for ${Math.round(utilization * 100)} % of the time`);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  t.equal(refused.length, 10);
  for (const { reason } of refused) t.match(reason, { code: 'UNAVAILABLE', retryAfterSeconds: 5 });
  await requireStrongPassword('Violet-Kettle-7f3a', []);
});
