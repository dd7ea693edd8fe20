import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { silent, tenantA, tenantB } from '../../test/support/messaging.ts';
import { defaultLimits } from './installed-plugin.ts';
import { openQuotas } from './quotas.ts';

const owner = { tenantId: tenantA, pluginId: 'notes' };
const limits = { ...defaultLimits, rows: 10, eventsPerMinute: 2 };
const database = await testDatabase(t);

t.test('what would pass the limit is refused by name, and another tenant is not touched', async (t) => {
  const quotas = openQuotas({ database, log: silent });
  t.teardown(() => quotas.close());
  quotas.add(owner, 'rows', 9);
  await t.rejects(quotas.require(owner, limits, 'rows', 2), { code: 'QUOTA_EXCEEDED', kind: 'limited', details: { quota: 'rows', limit: 10 } });
  await quotas.require(owner, limits, 'rows', 1);
  await quotas.require({ ...owner, tenantId: tenantB }, limits, 'rows', 10);
  await quotas.require({ ...owner, pluginId: 'other' }, limits, 'rows', 10);
});

t.test('counts survive the node and reach the others', async (t) => {
  const other = { tenantId: tenantB, pluginId: 'notes' };
  const first = openQuotas({ database, log: silent });
  first.add(other, 'rows', 8);
  first.add(other, 'storedBytes', 100);
  await first.close();
  const second = openQuotas({ database, log: silent });
  t.teardown(() => second.close());
  await t.rejects(second.require(other, limits, 'rows', 3), { code: 'QUOTA_EXCEEDED' });
  t.strictSame(await second.usage(other), { rows: 8, storedBytes: 100, kvEntries: 0, queuedJobs: 0 });
});

t.test('before a refusal the data itself is counted, and not at every call', async (t) => {
  const recounted = { tenantId: tenantA, pluginId: 'recounted' };
  let now = 1_000_000;
  const quotas = openQuotas({ database, log: silent, now: () => now });
  t.teardown(() => quotas.close());
  let asked = 0;
  const truth = async (): Promise<number> => {
    asked++;
    return 3;
  };
  quotas.add(recounted, 'rows', 10);
  await quotas.require(recounted, limits, 'rows', 1, truth);
  t.equal((await quotas.usage(recounted)).rows, 3);
  quotas.add(recounted, 'rows', 7);
  await t.rejects(quotas.require(recounted, limits, 'rows', 1, truth), { code: 'QUOTA_EXCEEDED' });
  t.equal(asked, 1, 'a tenant at its limit does not make us count all the time');
  now += 6000;
  await quotas.require(recounted, limits, 'rows', 1, truth);
  t.equal(asked, 2);
});

t.test('events are limited by the minute', async (t) => {
  let now = 60_000_000;
  const quotas = openQuotas({ database, log: silent, now: () => now });
  t.teardown(() => quotas.close());
  quotas.countEvent(owner, limits);
  quotas.countEvent(owner, limits);
  t.throws(() => quotas.countEvent(owner, limits), { code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: 60 });
  now += 60_000;
  t.doesNotThrow(() => quotas.countEvent(owner, limits));
});
