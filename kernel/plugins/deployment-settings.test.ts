import t from 'tap';
import type { PluginEntry } from '../../config/plugins.ts';
import { readSettings, type Settings } from '../../config/schema.ts';
import { testManifest } from '../../test/support/manifest.ts';
import { tenantA } from '../../test/support/messaging.ts';
import type { SecretStore } from '../storage/contract.ts';
import type { PluginCall } from './call.ts';
import { checkManifest } from './check-manifest.ts';
import { loadFirstParty } from './first-party.ts';
import { limitsFor, type PluginVersion } from './installed-plugin.ts';
import { secretsWithDeployment } from './plugin-secrets.ts';

const settings: Settings = readSettings({});
const lines: unknown[] = [];
const log = { info: (...args: unknown[]) => lines.push(args), warn: (...args: unknown[]) => lines.push(args), error: (...args: unknown[]) => lines.push(args), debug() {} } as never;
const entry = (given: PluginEntry['settings']): PluginEntry => ({ package: '@proofpix/plugin-oauth', runtime: 'in-process', prefixes: ['/api/oauth'], grants: [], everyTenant: true, ...(given === undefined ? {} : { settings: given }) });
const values = { publicUrl: null, redirectOrigins: [], providers: [] };

t.test('what a manifest does not take turns the plugin off, and its values are in no log', async (t) => {
  for (const given of [{ values: { nonsense: 'hunter2' } }, { values, secrets: { unknown: 'hunter2' } }]) {
    const [loaded] = await loadFirstParty([entry(() => given)], settings, log);
    t.equal(loaded?.version, null);
    t.match(String(loaded?.problem), /oauth (does not take its settings|declares no deployment secret unknown)/);
  }
  t.equal(lines.length, 2);
  t.notMatch(JSON.stringify(lines.map((line) => (line as [{ err: Error }])[0].err.message)), /hunter2/);
});

t.test('a plugin without settings is loaded without any', async (t) => {
  const [loaded] = await loadFirstParty([{ ...entry(undefined), package: '@proofpix/plugin-files', prefixes: ['/api/files'] }], settings, log);
  t.strictSame(loaded?.version?.settings, {});
});

t.test('settings are part of a version, secrets are not', async (t) => {
  const [loaded] = await loadFirstParty([entry(() => ({ values, secrets: { clientSecrets: 'hunter2' } }))], settings, log);
  t.strictSame(loaded?.version?.settings, values);
  t.notMatch(JSON.stringify(loaded?.version), /hunter2/);
  t.strictSame(loaded?.secrets, { clientSecrets: 'hunter2' });
});

t.test('secrets of the deployment', async (t) => {
  const ofTenant = new Map([['shared', 'of the tenant']]);
  const store = { has: async (_owner: unknown, name: string) => ofTenant.has(name), get: async (_owner: unknown, name: string) => ofTenant.get(name) ?? null, set: async (_owner: unknown, name: string, value: string) => void ofTenant.set(name, value) } as unknown as SecretStore;
  const secrets = secretsWithDeployment(store, (pluginId): Record<string, string> => (pluginId === 'mine' ? { shared: 'of the operator' } : {}));
  const callOf = (id: string, trust: PluginVersion['trust'], deployment: boolean): PluginCall => {
    const manifest = testManifest({ id, secrets: { shared: { title: 'Shared', hosts: [], readable: true, ...(deployment ? { deployment } : {}) } } });
    return { tenantId: tenantA, version: { manifest, trust, runtime: 'in-process', limits: limitsFor(manifest, trust), operatorGrants: [], prefixes: [] } } as unknown as PluginCall;
  };
  t.equal(await secrets.get(callOf('mine', 'first-party', true), 'shared'), 'of the operator');
  t.equal(await secrets.get({ ...callOf('mine', 'first-party', true), tenantId: null }, 'shared'), 'of the operator', 'also where there is no tenant');
  t.equal(await secrets.get(callOf('other', 'first-party', true), 'shared'), null, 'another plugin finds none, nor the tenant’s');
  t.equal(await secrets.get(callOf('mine', 'third-party', true), 'shared'), null, 'a third party with the same id finds none');
  t.equal(await secrets.get(callOf('mine', 'first-party', false), 'shared'), 'of the tenant', 'one that is not declared as the deployment’s is the tenant’s');
  await t.rejects(secrets.set(callOf('mine', 'first-party', true), 'shared', 'x'), { code: 'FORBIDDEN' });
  t.equal(ofTenant.get('shared'), 'of the tenant');
});

t.test('third parties declare neither', async (t) => {
  const issuesOf = (changes: Partial<Parameters<typeof testManifest>[0]>) => {
    try {
      checkManifest(testManifest({ title: 'Notes', ...changes, id: 'notes' }), { trust: 'third-party' });
    } catch (error) {
      return (error as { details: { issues: { path: string }[] } }).details.issues.map(({ path }) => path);
    }
    return [];
  };
  t.strictSame(issuesOf({ settings: { type: 'object' } }), ['/settings']);
  t.strictSame(issuesOf({ secrets: { key: { title: 'Key', hosts: [], deployment: true } } }), ['/secrets/key/deployment']);
  t.strictSame(issuesOf({ secrets: { key: { title: 'Key', hosts: [] } } }), []);
});
