import { Forbidden, NotFound } from '@proofpix/sdk';
import type { Auth, Identity } from '../contract.ts';
import type { KeyRow } from './key-view.ts';

/** Who is asking about keys: somebody in a tenant. */
export type Holder = Identity & { tenantId: string; principal: { userId: string } };

/** @throws FORBIDDEN for whoever is no member of a tenant */
export function holderOf(identity: Identity | null): Holder {
  if (identity === null || identity.tenantId === null || identity.principal.userId === null) throw Forbidden({ message: 'API keys belong to a user in a team.' });
  return identity as Holder;
}

const noSuchKey = () => NotFound({ message: 'There is no such API key.' });
const isKey = (holder: Holder): boolean => holder.principal.kind === 'api-key';
const isOwn = (holder: Holder, key: Pick<KeyRow, 'userId'>): boolean => holder.principal.userId === key.userId;

/** What may be done with a key, by whom. A key knows itself only; what one may not see does not exist. */
export interface KeyRights {
  /** @throws FORBIDDEN for keys, and for those who act in somebody's name */
  requirePerson(holder: Holder): void;
  /** Whether the holder sees the keys of the whole tenant. */
  seesAll(holder: Holder): Promise<boolean>;
  /** @throws NOT_FOUND */
  requireSight(holder: Holder, key: KeyRow | null): Promise<KeyRow>;
  /** To rotate or revoke it. @throws NOT_FOUND, FORBIDDEN */
  requireManage(holder: Holder, key: KeyRow | null, action: 'rotate' | 'revoke'): Promise<KeyRow>;
  /** Nobody gives a key more than they may do themselves. @throws NOT_FOUND, FORBIDDEN naming the permission */
  requirePermissions(holder: Holder, key: KeyRow | null, permissions: readonly string[]): Promise<void>;
  /** Keys of others may be narrowed, never widened. @throws FORBIDDEN naming the permission */
  requireNarrower(holder: Holder, key: KeyRow, permissions: readonly string[]): void;
  /** @throws FORBIDDEN naming the permission that the holder lacks */
  requireHeld(holder: Holder, permissions: readonly string[]): Promise<void>;
}

export function keyRights({ can }: { can: Auth['can'] }): KeyRights {
  function requirePerson(holder: Holder): void {
    if (holder.principal.kind !== 'user') throw Forbidden({ message: 'An API key may look at, rotate and revoke itself; everything else needs a user.' });
    if (holder.impersonatorId !== null) throw Forbidden({ message: 'Only the user may do this, nobody in their name.' });
  }

  const require = async (holder: Holder, permission: string): Promise<void> => {
    if (!(await can(holder, permission))) throw Forbidden({ message: `The permission ${permission} is missing.`, details: { permission } });
  };

  const seesAll = async (holder: Holder): Promise<boolean> => !isKey(holder) && can(holder, 'keys:read-all');

  async function requireSight(holder: Holder, key: KeyRow | null): Promise<KeyRow> {
    if (key === null) throw noSuchKey();
    if (isKey(holder) ? key.id === holder.credentialId : isOwn(holder, key) || (await seesAll(holder))) return key;
    throw noSuchKey();
  }

  async function requireHeld(holder: Holder, permissions: readonly string[]): Promise<void> {
    for (const permission of permissions) {
      if (!(await can(holder, permission))) throw Forbidden({ message: `You cannot give an API key the permission ${permission}, which you do not have.`, details: { field: 'body.permissions', permission } });
    }
  }

  return {
    requirePerson,
    seesAll,
    requireSight,
    requireHeld,
    async requireManage(holder, given, action) {
      const key = await requireSight(holder, given);
      if (isKey(holder)) {
        // a key found in a log must not be able to live on; revoking itself is always welcome
        if (action === 'rotate') await require(holder, 'keys:rotate');
        return key;
      }
      requirePerson(holder);
      const isOther = !isOwn(holder, key);
      // the new secret would let whoever gets it act as the key's user
      if (isOther && action === 'rotate') throw Forbidden({ message: 'Only its user may rotate an API key; revoke it instead.' });
      if (isOther) await require(holder, 'keys:manage-all');
      else if (action === 'rotate') await require(holder, 'keys:rotate');
      return key;
    },
    async requirePermissions(holder, given, permissions) {
      requirePerson(holder);
      const key = await requireSight(holder, given);
      if (isOwn(holder, key)) await requireHeld(holder, permissions);
      else await require(holder, 'keys:manage-all');
    },
    requireNarrower(holder, key, permissions) {
      const added = isOwn(holder, key) ? undefined : permissions.find((permission) => key.permissions?.includes(permission) === false);
      if (added !== undefined) throw Forbidden({ message: 'Only its user may give an API key more permissions.', details: { field: 'body.permissions', permission: added } });
    },
  };
}
