import type { Database } from '../database/index.ts';
import type { Mail } from '../mail/index.ts';
import type { Vault } from '../storage/contract.ts';
import type { AuthChanges } from './changes.ts';
import type { Auth } from './contract.ts';
import { tellOwner } from './factor-notices.ts';
import type { OneTimeTokens } from './one-time-tokens.ts';
import { reauthentication } from './owner.ts';
import { assertionCheck } from './passkeys/assertion.ts';
import { type Passkeys, passkeys } from './passkeys/passkeys.ts';
import type { RelyingParty } from './passkeys/relying-party.ts';
import type { Passwords } from './passwords.ts';
import { factorCheck } from './second-factor/factor-check.ts';
import { recoveryCodes } from './second-factor/recovery-codes.ts';
import { type SecondFactor, secondFactor } from './second-factor/second-factor.ts';
import { type SecondStep, secondStep } from './second-factor/second-step.ts';
import { totpSecrets } from './second-factor/totp.ts';
import type { Sessions } from './sessions.ts';
import type { SignIn } from './sign-in.ts';
import { loginThrottle, type ThrottleRules } from './throttle.ts';

export interface FactorsOptions {
  database: Database;
  vault: Vault;
  oneTime: OneTimeTokens;
  passwords: Passwords;
  throttleRules: ThrottleRules;
  sessions: Sessions;
  changes: AuthChanges;
  audit: Auth['audit'];
  mail: Pick<Mail, 'send'>;
  signIn: SignIn;
  party: RelyingParty;
  /** milliseconds since the epoch */
  now: () => number;
}

export interface Factors {
  readonly secondFactor: SecondFactor;
  readonly secondStep: SecondStep;
  readonly passkeys: Passkeys;
}

/** Four tries a day against a closed door: nobody lives long enough to guess three codes of a million. */
const longestCodeWaitSeconds = 21_600;

/** What is asked for beside a password, or instead of one. */
export function openFactors({ database, vault, oneTime, passwords, throttleRules, sessions, changes, audit, mail, signIn, party, now }: FactorsOptions): Factors {
  const totp = totpSecrets({ vault, now });
  const codes = recoveryCodes();
  const tell = tellOwner({ mail });
  const codeThrottle = loginThrottle({ database, rules: { ...throttleRules, account: { ...throttleRules.account, longestSeconds: longestCodeWaitSeconds } } });
  const check = factorCheck({ database, totp, codes, throttle: codeThrottle, freeTries: throttleRules.account.free });
  const again = reauthentication({ database, passwords, throttle: loginThrottle({ database, rules: throttleRules }) });
  const assertions = assertionCheck({ database, oneTime, party, audit, tell });
  return {
    secondFactor: secondFactor({ database, totp, codes, check, reauthentication: again, sessions, changes, audit, tell, issuer: party.name }),
    secondStep: secondStep({ database, oneTime, check, codes, assertions, signIn, audit, tell }),
    passkeys: passkeys({ database, oneTime, assertions, party, reauthentication: again, signIn, audit, tell }),
  };
}
