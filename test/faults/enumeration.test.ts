import t from 'tap';
import { goodPassword, registerUser, testAuth, testCaller } from '../support/auth.ts';

/**
 * Whether an address has an account must not show in how long an answer takes. Known and unknown addresses are asked
 * for in turn, so that what else the machine does strikes both alike; then a known one is told from an unknown one by
 * time alone. 0.5 is guessing, 0 or 1 is certainty.
 */

const rounds = 30;
/** guessing at 30 rounds strays by 0.075; what is far outside is a difference that a few hundred tries would show */
const tellable = { least: 0.2, most: 0.8 };
const wide = { free: 100_000, longestSeconds: 1 };

async function took(run: () => unknown): Promise<number> {
  const start = performance.now();
  await Promise.resolve()
    .then(run)
    .catch(() => undefined);
  return performance.now() - start;
}

/** Of all pairs, the share in which the first took longer. */
function distinguishable(first: readonly number[], second: readonly number[]): number {
  const longer = first.reduce((sum, one) => sum + second.filter((other) => one > other).length, 0);
  return longer / (first.length * second.length);
}

const { auth } = await testAuth(t, { config: { bcryptCost: 6, throttle: { account: wide, address: wide, mail: wide } } });
const { email: known } = await registerUser(auth);
let strangers = 0;
/** Who registers is no stranger any more. */
const unknown = (name: string): string => `stranger${name === 'register' ? ++strangers : 0}@example.com`;
const person = (email: string) => ({ email, password: goodPassword, firstName: 'Ada', lastName: 'Tester' });

const ways: Record<string, (email: string) => unknown> = {
  login: (email) => auth.accounts.login({ email, password: 'wrong' }, testCaller),
  register: (email) => auth.account.register(person(email), testCaller),
  'forgot-password': (email) => auth.account.passwordReset.ask(email, testCaller),
  'verify-email/resend': (email) => auth.account.verification.resend(email),
};

for (const [name, ask] of Object.entries(ways)) {
  t.test(`${name}: time does not tell who has an account`, async (test) => {
    const times = { known: [] as number[], unknown: [] as number[] };
    for (let round = -5; round < rounds; round += 1) {
      const order = round % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
      for (const which of order) {
        const email = which === 'known' ? known : unknown(name);
        const elapsed = await took(() => ask(email));
        // what was left for later must not run into the next one's time
        await auth.account.idle(30_000);
        if (round >= 0) times[which].push(elapsed);
      }
    }
    const share = distinguishable(times.known, times.unknown);
    const median = (values: number[]): string => (values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(3);
    test.comment(`known ${median(times.known)} ms, unknown ${median(times.unknown)} ms, share ${share.toFixed(2)}`);
    test.ok(share > tellable.least && share < tellable.most, `a known address took longer in ${share.toFixed(2)} of the pairs`);
  });
}
