import type { Database } from '../database/index.ts';
import type { Signals } from '../events/contract.ts';
import type { Mail } from '../mail/index.ts';
import type { Vault } from '../storage/contract.ts';
import { openAccessTokens } from './access-tokens.ts';
import { type AccountFlows, accountFlows } from './account/index.ts';
import { type Accounts, accounts } from './accounts.ts';
import { auditLog } from './audit.ts';
import { authentication } from './authenticate.ts';
import { followChanges } from './changes.ts';
import type { Auth, KeyRequests, PermissionDirectory } from './contract.ts';
import { type ExternalIdentities, externalIdentities, type SignInFlows, signInFlows, type TokenStore, tokenStore } from './external/index.ts';
import { entering } from './enter.ts';
import { identities } from './identities.ts';
import { type ApiKeys, keyOf, openKeys } from './keys/index.ts';
import { type Members, members } from './members.ts';
import { withKernelPermissions } from './kernel-permissions.ts';
import { oneTimeTokens } from './one-time-tokens.ts';
import { type Factors, openFactors } from './open-factors.ts';
import { relyingParty, type RelyingParty } from './passkeys/relying-party.ts';
import { openPeople, type People } from './people/index.ts';
import { openPasswords } from './passwords.ts';
import { permissionCheck } from './permissions.ts';
import type { Roles } from './roles/contract.ts';
import { roles } from './roles/roles.ts';
import { secondFactorGate } from './second-factor/gate.ts';
import { type SessionTimes, sessions } from './sessions.ts';
import { openSetup, type Setup } from './setup.ts';
import { type SignIn, signIn } from './sign-in.ts';
import { openSigningKeys, type SigningKeys, type SigningKeyTimes } from './signing-keys.ts';
import { grantLimits, invitedAccounts, type RegisterInvited, type TeamMembers, teamMembers, type Teams, teams, type TeamUsage, teamUsage } from './teams/index.ts';
import { defaultThrottleRules, loginThrottle, type ThrottleRules } from './throttle.ts';

export interface AuthConfig {
  /** fixed HS256 secret instead of key pairs in the database; at least 32 characters */
  jwtSecret?: string | undefined;
  /** life of an access token, 60 to 86,400; default 900 */
  jwtExpiresInSeconds?: number;
  /** default 12 */
  bcryptCost?: number;
  /** the issuer of tokens: the same on every node */
  publicUrl: string;
  /** days between the wish to be erased and the erasure; default 30 */
  accountGraceDays?: number;
  /** first boot only; without it there is a setup token */
  operator?: { email: string; password: string } | null;
  throttle?: Partial<ThrottleRules>;
  /** whether a login needs an address that was verified by mail; default `required` where mail can be sent, else `optional` */
  emailVerification?: 'required' | 'optional' | undefined;
  /** marks the deployment's API keys, which are refused elsewhere: 2 to 12 lower-case letters; default `live` */
  keyEnvironment?: string;
  /** how often the use of API keys is written; default 5 s */
  keyUsageFlushMs?: number;
  /** whom passkeys are made for; default `localhost`, for development */
  relyingParty?: RelyingParty;
  times?: Partial<SessionTimes & Pick<SigningKeyTimes, 'signsForMs' | 'overlapMs'>>;
}

export interface AuthOptions {
  database: Database;
  vault: Vault;
  signals: Signals;
  permissions: PermissionDirectory;
  mail: Mail;
  config: AuthConfig;
  /** milliseconds since the epoch, for one-time passwords; default the machine's clock */
  now?: () => number;
  log: { warn(fields: object, message: string): void };
}

/** The kernel's own view of auth; plugins see {@link Auth} through their context only. */
export interface OpenAuth extends Auth, Factors {
  readonly accounts: Accounts;
  readonly account: AccountFlows;
  /** For whatever proves who somebody is: the way to a session, by the second factor where there is one. */
  readonly signIn: SignIn;
  /** Accounts elsewhere as a way in: flows, identities, and the tokens that providers gave. */
  readonly external: { flows: SignInFlows; identities: ExternalIdentities; tokens: TokenStore };
  readonly members: Members;
  readonly people: People;
  readonly teams: Teams;
  readonly teamMembers: TeamMembers;
  readonly registerInvited: RegisterInvited;
  readonly teamUsage: (tenantId: string) => Promise<TeamUsage>;
  readonly apiKeys: ApiKeys;
  readonly keyRequests: KeyRequests;
  /** Custom roles and who has them. */
  readonly roles: Roles;
  /** What there is to hold: the kernel's permissions and those of a tenant's plugins. */
  readonly permissions: PermissionDirectory;
  readonly setup: Setup;
  readonly jwks: SigningKeys['jwks'];
  /** Forgets ended sessions, old throttles and changes. Also runs by itself every few minutes. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** Columns of envelopes for a rotation of the vault. */
export const authEnvelopes = [
  { table: 'kernel.signing_keys', column: 'private_sealed' },
  { table: 'kernel.api_keys', column: 'signing_sealed' },
  { table: 'kernel.one_time_tokens', column: 'data_sealed' },
  { table: 'kernel.totp_secrets', column: 'sealed' },
  { table: 'kernel.external_identities', column: 'tokens_sealed' },
] as const;

const day = 86_400_000;
const sweepMs = 600_000;
const lateMailMs = 5_000;

/** @throws Error naming the setting that cannot be used */
export async function openAuth(options: AuthOptions): Promise<OpenAuth> {
  const { database, vault, signals, config } = options;
  const expiresInSeconds = config.jwtExpiresInSeconds ?? 900;
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 60 || expiresInSeconds > 86_400) throw new Error('JWT_EXPIRES_IN must be from 60 to 86400 seconds');
  const times = { lifeMs: 30 * day, graceMs: 10_000, signsForMs: 30 * day, overlapMs: day, ...config.times };

  const keys = await openSigningKeys({ database, vault, times: { ...times, tokenLifeMs: expiresInSeconds * 1000 + 60_000 } });
  const tokens = await openAccessTokens({ keys, secret: config.jwtSecret, expiresInSeconds, issuer: config.publicUrl });
  const passwords = await openPasswords({ cost: config.bcryptCost ?? 12 });
  const changes = await followChanges({ database, signals, log: options.log });
  const throttleRules = { ...defaultThrottleRules, ...config.throttle };
  const throttle = loginThrottle({ database, rules: throttleRules });
  const permissions = withKernelPermissions(options.permissions);
  const known = identities({ database, changes });
  const family = sessions({ database, changes, times });
  const oneTime = oneTimeTokens({ vault });
  const log = auditLog({ database });
  const decide = permissionCheck({ database, permissions, changes });
  const programs = openKeys({ database, vault, changes, identities: known, audit: log.audit, can: decide.can, environment: config.keyEnvironment ?? 'live', usageFlushMs: config.keyUsageFlushMs, log: options.log });
  const entrance = signIn({ database, sessions: family, tokens, audit: log.audit, gate: secondFactorGate({ oneTime }), expiresInSeconds });
  const verificationRequired = (config.emailVerification ?? (options.mail.canSend ? 'required' : 'optional')) === 'required';
  const account = accountFlows({ database, passwords, oneTime, sessions: family, changes, throttle, mail: options.mail, audit: log.audit, verificationRequired, log: options.log });
  const people = accounts({ database, passwords, throttle, sessions: family, signIn: entrance, verification: account.verification, letters: account.letters, changes, audit: log.audit });
  const party = config.relyingParty ?? relyingParty({ publicUrl: undefined, domain: undefined, corsOrigins: [], port: 3000 });
  const factors = openFactors({ database, vault, oneTime, passwords, throttleRules, sessions: family, changes, audit: log.audit, mail: options.mail, signIn: entrance, party, now: options.now ?? Date.now });
  const crew = teamMembers({ database, changes, mayGive: grantLimits({ permissions }) });
  const providerTokens = tokenStore({ database, vault });
  const setup = await openSetup({ database, passwords, accounts: people, operator: config.operator ?? null }).catch(async (error: unknown) => {
    await programs.close();
    await changes.close();
    throw error;
  });

  async function sweep(): Promise<void> {
    await family.sweep();
    await throttle.sweep();
    await changes.sweep();
    await programs.sweep();
    await database.system((em) => oneTime.sweep(em));
  }
  const timer = setInterval(() => void sweep().catch((error: unknown) => options.log.warn({ err: error }, 'ended sessions could not be removed and are tried again')), sweepMs).unref();

  return {
    ...log,
    authenticate: authentication({ tokens, checkKey: programs.check, identities: known }),
    ...decide,
    ...factors,
    identityOf: (userId, tenantId, keyId = null) => (keyId === null ? known.ofMember(userId, tenantId) : keyOf(known, keyId, userId, tenantId)),
    enter: entering(known),
    onRevoked(listener) {
      changes.onChange(({ revoked, ...what }) => {
        if (revoked) listener(what);
      });
    },
    accounts: people,
    account,
    signIn: entrance,
    external: { flows: signInFlows({ database, oneTime }), identities: externalIdentities({ database, tokens: providerTokens, entrance, changes, audit: log.audit }), tokens: providerTokens },
    members: members({ database, changes, sessions: family }),
    people: openPeople({ database, changes, sessions: family, tokens, passwords, throttle, audit: log.audit, mayGive: grantLimits({ permissions }), mail: options.mail, graceDays: config.accountGraceDays ?? 30 }),
    teams: teams({ database, changes }),
    teamMembers: crew,
    registerInvited: invitedAccounts({ database, passwords, members: crew, changes }),
    teamUsage: teamUsage({ database }),
    apiKeys: programs.manage,
    keyRequests: programs.requests,
    roles: roles({ database, changes, permissions }),
    permissions,
    setup,
    jwks: async () => (config.jwtSecret === undefined ? keys.jwks() : { keys: [] }),
    sweep,
    async close() {
      clearInterval(timer);
      await account.idle(lateMailMs);
      await programs.close();
      await changes.close();
    },
  };
}
