import { randomUUID } from 'node:crypto';
import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { statement } from '../database/statement.ts';
import { auditLog } from './audit.ts';
import { canonicalJson } from './canonical-json.ts';

const actor = { kind: 'user', userId: randomUUID(), credentialId: null, operator: false } as const;

t.test('every way of changing a chain is noticed, and where', async (test) => {
  const database = await testDatabase(test);
  const log = auditLog({ database });
  const tampering: [name: string, sql: string, brokenAt: string][] = [
    ['entry changed', `update kernel.audit_entries set entry = replace(entry, 'n-3', 'n-9') where tenant_id = $1 and sequence = 3`, '3'],
    ['action column changed', `update kernel.audit_entries set action = 'x' where tenant_id = $1 and sequence = 2`, '2'],
    ['user column changed', `update kernel.audit_entries set user_id = null where tenant_id = $1 and sequence = 2`, '2'],
    ['target column changed', `update kernel.audit_entries set target = 'x' where tenant_id = $1 and sequence = 2`, '2'],
    ['time column changed', `update kernel.audit_entries set at = at - interval '1 day' where tenant_id = $1 and sequence = 2`, '2'],
    ['hash changed', `update kernel.audit_entries set hash = repeat('0', 64) where tenant_id = $1 and sequence = 4`, '4'],
    ['entry removed', `delete from kernel.audit_entries where tenant_id = $1 and sequence = 3`, '3'],
    ['end cut off', `delete from kernel.audit_entries where tenant_id = $1 and sequence = 5`, '6'],
    ['order changed', `update kernel.audit_entries set sequence = case sequence when 2 then 103 when 3 then 2 end where tenant_id = $1 and sequence in (2, 3)`, '2'],
    ['entries moved behind the end', `update kernel.audit_entries set sequence = sequence + 5 where tenant_id = $1`, '1'],
    ['all removed', `delete from kernel.audit_entries where tenant_id = $1`, '1'],
  ];
  for (const [name, sql, brokenAt] of tampering) {
    const tenantId = randomUUID();
    for (let n = 1; n <= 5; n += 1) await log.audit({ tenantId, actor, action: 'test.done', details: { n: `n-${n}` } });
    test.same(await log.verifyAudit(tenantId), { ok: true, entries: 5, brokenAt: null });
    await database.system((em) => statement(em, sql, [tenantId]));
    const found = await log.verifyAudit(tenantId);
    test.equal(found.ok, false, name);
    test.equal(found.brokenAt, name === 'end cut off' ? '5' : brokenAt, name);
  }
});

t.test('an entry of another tenant cannot be written', async (test) => {
  const database = await testDatabase(test);
  const log = auditLog({ database });
  const [own, other] = [randomUUID(), randomUUID()];
  await test.rejects(database.tenant(own, (em) => log.audit({ tenantId: other, actor, action: 'test.done' }, em)), /row-level security/);
  await test.rejects(database.tenant(own, (em) => log.audit({ tenantId: null, actor, action: 'test.done' }, em)), /row-level security/);
  test.same(await log.verifyAudit(other), { ok: true, entries: 0, brokenAt: null });
});

t.test('entries that are too large or hold NUL are refused', async (test) => {
  const log = auditLog({ database: await testDatabase(test) });
  for (const entry of [{ action: 'a\0' }, { action: 'x'.repeat(201) }, { action: 'a', target: 'x'.repeat(501) }, { action: 'a', details: { x: 'y'.repeat(16_384) } }]) {
    await test.rejects(log.audit({ tenantId: randomUUID(), actor, ...entry }), { code: 'VALIDATION_ERROR' });
  }
});

t.test('an entry lives and dies with its transaction, and many at once make one chain', async (test) => {
  const database = await testDatabase(test);
  const log = auditLog({ database });
  const tenantId = randomUUID();
  await test.rejects(database.tenant(tenantId, async (em) => {
    await log.audit({ tenantId, actor, action: 'test.undone' }, em);
    throw new Error('no');
  }), /no/);
  await Promise.all(Array.from({ length: 20 }, (_, n) => log.audit({ tenantId, actor, action: 'test.done', target: 'nasty \ud83d\ude00 "\\', details: { n, text: 'with \0' } })));
  test.same(await log.verifyAudit(tenantId), { ok: true, entries: 20, brokenAt: null });
  await log.audit({ tenantId: null, actor: { ...actor, impersonatorId: randomUUID() }, action: 'test.done' });
  test.same(await log.verifyAudit(null), { ok: true, entries: 1, brokenAt: null });
});

t.test('equal values have one text', async (test) => {
  test.equal(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, '\u00e9': true }), '{"b":[1,{"c":"x","d":null}],"\u00e9":true}');
});
