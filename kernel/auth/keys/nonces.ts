import { Unauthorized } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import { signatureToleranceSeconds } from './request-signing.ts';

/** Nonces of signed requests, used once on all nodes. */
export interface Nonces {
  /** @throws UNAUTHORIZED when the key has used it before */
  spend(keyId: string, nonce: string): Promise<void>;
  sweep(): Promise<void>;
}

/** A timestamp may be that far ahead and is then good for as long again; nodes' clocks may differ by the rest. */
const keptSeconds = 2 * signatureToleranceSeconds + 120;

export function nonces({ database }: { database: Database }): Nonces {
  return {
    async spend(keyId, nonce) {
      const isNew = await database.system((em) =>
        statementCount(em, `insert into kernel.request_nonces (key_id, nonce, expires_at) values ($1, $2, now() + interval '${keptSeconds} seconds') on conflict do nothing`, [keyId, nonce]));
      if (isNew === 0) throw Unauthorized({ message: 'This request was made before: each needs a nonce of its own.', details: { field: 'headers.x-signature-nonce', issue: 'was used before' } });
    },
    async sweep() {
      await database.system((em) => statement(em, 'delete from kernel.request_nonces where expires_at < now()'));
    },
  };
}
