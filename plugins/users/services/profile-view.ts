import { kernelUsers, type Static } from '@proofpix/sdk';
import type { Profile } from '../schemas.ts';

type Own = Static<(typeof kernelUsers)['methods']['getProfile']['output']>;

/** The version is in the address, so that a new picture is seen at once. */
export function profileView({ avatar, ...profile }: Own): Profile {
  return { ...profile, avatarUrl: avatar === null ? null : `/api/users/${profile.id}/avatar?v=${avatar.slice(0, 16)}` };
}
