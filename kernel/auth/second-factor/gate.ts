import type { EntityManager } from '@mikro-orm/postgresql';
import { statement } from '../../database/statement.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import type { UserRecord } from '../users.ts';

/** `totp` and `recovery-code` by their code, `passkey` by an assertion. */
export type SecondFactorMethod = 'totp' | 'recovery-code' | 'passkey';

/** What a sign-in answers instead of tokens while the second factor is missing. */
export interface SecondFactorNeeded {
  mfaRequired: true;
  /** for `POST /api/auth/mfa/verify`; good for {@link expiresIn} and five tries */
  mfaToken: string;
  methods: SecondFactorMethod[];
  /** seconds until {@link mfaToken} ends */
  expiresIn: number;
}

/** Whether a second factor stands between a first one and a session. */
export interface SecondFactorGate {
  /** Null for a user without one. `method` is the first factor, remembered until the second was shown. */
  ask(em: EntityManager, user: UserRecord, method: string): Promise<SecondFactorNeeded | null>;
}

const lifeSeconds = 300;

interface Row {
  hasCodes: boolean;
  hasPasskeys: boolean;
}

export function secondFactorGate({ oneTime }: { oneTime: OneTimeTokens }): SecondFactorGate {
  return {
    async ask(em, user, method) {
      const [row] = await statement<Row>(
        em,
        `select exists (select 1 from kernel.recovery_codes r where r.user_id = t.user_id) as "hasCodes", exists (select 1 from kernel.passkeys p where p.user_id = t.user_id) as "hasPasskeys"
         from kernel.totp_secrets t where t.user_id = $1 and t.confirmed_at is not null`,
        [user.id],
      );
      if (row === undefined) return null;
      // tokens of other sign-ins live on: whoever knows the password must not be able to cut the owner off
      const mfaToken = await oneTime.issue(em, { purpose: 'second-factor', userId: user.id, data: { method }, lifeMs: lifeSeconds * 1000, replaces: false });
      const methods: SecondFactorMethod[] = ['totp'];
      if (row.hasCodes) methods.push('recovery-code');
      if (row.hasPasskeys) methods.push('passkey');
      return { mfaRequired: true, mfaToken, methods, expiresIn: lifeSeconds };
    },
  };
}
