import { randomBytes } from 'node:crypto';
import type { AuthConfig, DeclaredPermission, Login, OpenAuth, PermissionDirectory } from '../../kernel/auth/index.ts';
import type { Identity } from '../../kernel/auth/contract.ts';
import { openAuth } from '../../kernel/auth/index.ts';
import { holderOf, type KeyWithSecret, type NewKey } from '../../kernel/auth/keys/index.ts';
import type { Database } from '../../kernel/database/index.ts';
import { roleNames } from '../../kernel/database/role-names.ts';
import { openSignals } from '../../kernel/events/signals.ts';
import { openSystemPool } from '../../kernel/events/system-pool.ts';
import { type MailServer, openMail } from '../../kernel/mail/index.ts';
import { openVault } from '../../kernel/storage/index.ts';
import { quietLog, type Teardown, testDatabase, testMasterKey } from './database.ts';

/** Strong enough for the strength check. */
export const goodPassword = 'plum-Ladder-41-quartz';

const filesPermissions: readonly DeclaredPermission[] = Object.entries({ 'files:read': ['viewer', 'member', 'admin', 'owner'], 'files:delete': ['admin', 'owner'] }).map(([permission, roles]) => ({ permission, roles, description: permission, declaredBy: { id: 'files', title: 'Files', version: '1.0.0' } }));

/** Two permissions of a plugin `files`, for tests that need no plugins. */
export const testPermissions: PermissionDirectory = {
  find: (_tenantId, permission) => filesPermissions.find((one) => one.permission === permission) ?? null,
  list: () => filesPermissions,
  isEnabled: (_tenantId, pluginId) => pluginId === 'files',
};

/** One node's auth on real signals. Give the same database twice for two nodes. bcrypt runs at its lowest cost. */
export async function testAuth(t: Teardown, options: { database?: Database; config?: Partial<AuthConfig>; now?: () => number; mailServer?: MailServer } = {}): Promise<{ auth: OpenAuth; database: Database }> {
  const database = options.database ?? (await testDatabase(t));
  const pool = openSystemPool({ servingUrl: database.servingUrl, role: roleNames(database.prefix).system, log: quietLog, max: 2 });
  const signals = await openSignals({ servingUrl: database.servingUrl, pool, log: quietLog });
  t.teardown(async () => {
    await signals.close();
    await pool.close();
  });
  const vault = await openVault({ masterKey: testMasterKey, database });
  const mail = await openMail({ database, vault, server: options.mailServer ?? null, publicUrl: () => 'http://localhost:3000', log: quietLog });
  t.teardown(() => mail.close());
  const auth = await openAuth({ database, vault, signals, mail, permissions: testPermissions, log: quietLog, ...(options.now === undefined ? {} : { now: options.now }), config: { bcryptCost: 4, publicUrl: 'http://localhost:3000', ...options.config } });
  t.teardown(() => auth.close());
  return { auth, database };
}

export const testCaller = { address: '192.0.2.1', userAgent: 'test', requestId: 'request-1' };

/** Logs in with a password alone; fails where a second factor is asked for. */
export async function logIn(auth: OpenAuth, email: string, password = goodPassword): Promise<Login> {
  const login = await auth.accounts.login({ email, password }, testCaller);
  if ('mfaRequired' in login) throw new Error('the user has a second factor');
  return login;
}

/** A registered user, logged in. */
export async function registerUser(auth: OpenAuth, email = `${randomBytes(6).toString('hex')}@example.com`) {
  await auth.account.register({ email, password: goodPassword, firstName: 'Ada', lastName: 'Tester' }, testCaller);
  const login = await logIn(auth, email);
  const identity = await auth.authenticate({ authorization: `Bearer ${login.accessToken}` });
  if (identity?.tenantId == null) throw new Error('a registered user has a tenant');
  return { ...login, email, identity, tenantId: identity.tenantId, authorization: `Bearer ${login.accessToken}` };
}

/** An API key of the user; it may do nothing unless `change` says so. */
export const generateKey = (auth: Pick<OpenAuth, 'apiKeys'>, identity: Identity, change: Partial<NewKey> = {}): Promise<KeyWithSecret> =>
  auth.apiKeys.generate(holderOf(identity), { name: 'ci', permissions: [], expiresAt: null, addresses: [], requestsPerMinute: null, signsRequests: false, ...change }, testCaller);
