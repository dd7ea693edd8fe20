import type { Database } from '../../database/index.ts';
import type { Mail } from '../../mail/index.ts';
import type { AccessTokens } from '../access-tokens.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { Passwords } from '../passwords.ts';
import type { Sessions } from '../sessions.ts';
import type { MayGive } from '../teams/index.ts';
import type { Throttle } from '../throttle.ts';
import { type Activity, activity } from './activity.ts';
import { type Avatars, avatars } from './avatars.ts';
import { confirmOwner } from './confirm-owner.ts';
import { type PeopleDirectory, peopleDirectory } from './directory.ts';
import { type Erasure, erasure } from './erasure.ts';
import { type Impersonation, impersonation } from './impersonation.ts';
import { type Leaving, leaving } from './leaving.ts';
import { type PersonalData, personalData } from './personal-data.ts';
import { type Profiles, profiles } from './profile.ts';
import { type Suspension, suspension } from './suspension.ts';

export type { ActivityQuery } from './activity.ts';
export type { Actor } from './actor.ts';
export type { PeopleQuery } from './directory.ts';
export type { ProfileChange } from './profile.ts';
export type { PersonStatus } from './suspension.ts';

/** People as the users plugin deals with them. Whether somebody may, beyond what is said here, is for the plugin's permissions. */
export interface People {
  readonly profiles: Profiles;
  readonly avatars: Avatars;
  readonly directory: PeopleDirectory;
  readonly suspension: Suspension;
  readonly impersonation: Impersonation;
  readonly leaving: Leaving;
  readonly erasure: Erasure;
  readonly activity: Activity;
  readonly personalData: PersonalData;
}

export interface PeopleOptions {
  database: Database;
  changes: AuthChanges;
  sessions: Sessions;
  tokens: AccessTokens;
  passwords: Passwords;
  throttle: Throttle;
  audit: Auth['audit'];
  mayGive: MayGive;
  mail: Pick<Mail, 'send'>;
  /** days between the wish to be erased and the erasure */
  graceDays: number;
}

export function openPeople(options: PeopleOptions): People {
  return {
    profiles: profiles(options),
    avatars: avatars(options),
    directory: peopleDirectory(options),
    suspension: suspension(options),
    impersonation: impersonation(options),
    leaving: leaving({ ...options, confirm: confirmOwner(options) }),
    erasure: erasure(options),
    activity: activity(options),
    personalData: personalData(options),
  };
}
