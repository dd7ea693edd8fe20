import { array, assert, boolean, constantFrom, oneof, option, property, record, subarray, uniqueArray, type Arbitrary } from 'fast-check';
import t from 'tap';
import type { DeclaredPermission, Identity, PermissionDirectory } from './contract.ts';
import { decide } from './decision.ts';

/*
 * The oracle knows nothing of the implementation: it writes down, as plain tuples, every grant that the
 * documentation speaks of, and then looks for one that fits.
 */

const builtIns = ['viewer', 'member', 'admin', 'owner'];
const plugins = ['files', 'file', 'billing', 'keys'];
const actions = ['read', 'write', 'read-all'];
const tenants = ['t1', 't2'];
const users = ['u1', 'u2', 'u3'];
const roleIds = ['r1', 'r2', 'r3', 'r4'];

const permission = constantFrom(...plugins.flatMap((plugin) => actions.map((action) => `${plugin}:${action}`)));
const line = oneof({ weight: 3, arbitrary: permission }, { weight: 1, arbitrary: constantFrom(...plugins.map((plugin) => `${plugin}:*`), '*', '*:*', 'files', ':read') });

const world = record({
  /** what is declared, by whom and for which built-in roles */
  declared: uniqueArray(record({ permission, roles: subarray(builtIns) }), { selector: (one) => one.permission, maxLength: 12 }),
  /** which plugins are on in which tenant */
  enabled: record({ t1: subarray(plugins), t2: subarray(plugins) }),
  roles: uniqueArray(record({ tenant: constantFrom(...tenants), id: constantFrom(...roleIds), lines: array(line, { maxLength: 5 }) }), { selector: ({ tenant, id }) => `${tenant} ${id}`, maxLength: 6 }),
});

const question = record({
  kind: constantFrom('user', 'user', 'user', 'api-key', 'system', 'public'),
  user: option(constantFrom(...users), { freq: 8 }),
  operator: boolean(),
  tenant: option(constantFrom(...tenants), { freq: 8 }),
  role: option(constantFrom(...builtIns, ...roleIds, 'nonsense'), { freq: 8 }),
  beside: subarray(roleIds),
  scope: option(array(line, { maxLength: 4 }), { freq: 2 }),
  permission,
  resource: constantFrom(undefined, {}, ...users.map((ownerId) => ({ ownerId }))),
});

type World = typeof world extends Arbitrary<infer W> ? W : never;
type Question = typeof question extends Arbitrary<infer Q> ? Q : never;

const textuallyCovers = (text: string, wanted: string): boolean => text === wanted || new RegExp(`^${wanted.split(':')[0]}:\\*$`).test(text);

function oracle({ declared, enabled, roles }: World, { kind, user, tenant, role, beside, scope, permission: wanted, resource }: Question): boolean {
  if (tenant === null || kind === 'public') return false;
  if (scope !== null && scope.filter((text) => textuallyCovers(text, wanted)).length === 0) return false;
  if (kind === 'system') return true;
  const known = declared.filter((one) => one.permission === wanted && enabled[tenant as 't1' | 't2'].includes(wanted.split(':')[0] ?? ''));
  const [first] = known;
  if (first === undefined || role === null) return false;
  const held = builtIns.includes(role) ? beside : [...beside, role];
  const grants: (readonly [tenant: string, who: string, text: string])[] = [
    ...known.flatMap((one) => one.roles.map((name) => [tenant, name, one.permission] as const)),
    ...roles.flatMap(({ tenant: where, id, lines }) => lines.map((text) => [where, id, text] as const)),
  ];
  const byRole = grants.some(([where, who, text]) => where === tenant && (who === role || held.includes(who)) && textuallyCovers(text, wanted));
  const byOwnership = resource !== undefined && 'ownerId' in resource && resource.ownerId === user && first.roles.length > 0;
  return byRole || byOwnership;
}

function ask({ declared, enabled, roles }: World, { kind, user, operator, tenant, role, beside, scope, permission: wanted, resource }: Question) {
  const found: DeclaredPermission[] = declared.map((one) => ({ ...one, description: '', declaredBy: { id: one.permission.split(':')[0] ?? '', title: '', version: '1.0.0' } }));
  const isOn = (tenantId: string, id: string): boolean => enabled[tenantId as 't1' | 't2'].includes(id);
  const directory: PermissionDirectory = {
    find: (tenantId, name) => found.find((one) => one.permission === name && isOn(tenantId, one.declaredBy.id)) ?? null,
    list: (tenantId) => found.filter(({ declaredBy }) => isOn(tenantId, declaredBy.id)),
    isEnabled: isOn,
  };
  const identity: Identity = {
    principal: { kind: kind as Identity['principal']['kind'], userId: user, credentialId: null, operator },
    tenantId: tenant,
    role,
    roleGrant: { by: null, at: '2026-01-01T00:00:00.000Z' },
    customRoles: beside.map((roleId) => ({ roleId, by: 'u9', at: '2026-01-02T00:00:00.000Z' })),
    credentialId: null,
    impersonatorId: null,
    scope,
  };
  const customRole = (id: string) => {
    const role2 = roles.find((one) => one.tenant === tenant && one.id === id);
    return role2 === undefined ? null : { name: `name of ${id}`, permissions: new Set(role2.lines) };
  };
  return decide({ identity, directory, customRole }, wanted, resource);
}

t.test('agrees with a reading of the rules that goes through every grant', async (t) => {
  let allowed = 0;
  let denied = 0;
  assert(
    property(world, question, (given, asked) => {
      const expected = oracle(given, asked);
      if (expected) allowed += 1;
      else denied += 1;
      return ask(given, asked).allowed === expected;
    }),
    { numRuns: 20_000 },
  );
  t.ok(allowed > 1000 && denied > 1000, `${allowed} allowed, ${denied} denied`);
});

t.test('an explanation is complete and true', async (t) => {
  assert(
    property(world, question, (given, asked) => {
      const { allowed, reasons, obstacles } = ask(given, asked);
      const isWhole = allowed ? reasons.length > 0 && obstacles.length === 0 : obstacles.length > 0;
      // a reason names what would be enough by itself, and an obstacle what stands in the way by itself
      const areTrue = reasons.every((reason) => {
        const { scope: _scope, ...rest } = asked;
        const question2 = { ...rest, scope: null };
        if (reason.by === 'custom-role') return oracle(given, { ...question2, role: reason.roleId, beside: [], resource: undefined });
        if (reason.by === 'built-in-role') return oracle({ ...given, roles: [] }, { ...question2, role: reason.role, beside: [], resource: undefined });
        if (reason.by === 'ownership') return oracle({ ...given, roles: [] }, { ...question2, role: 'viewer', beside: [], resource: { ownerId: reason.ownerId }, user: reason.ownerId });
        return asked.kind === 'system';
      });
      return isWhole && areTrue;
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

t.test('no key, operator or loss of a role ever adds anything', async (t) => {
  assert(
    property(world, question, array(line, { maxLength: 4 }), (given, asked, scope) => {
      const before = ask(given, { ...asked, scope: null }).allowed;
      const less = [
        { ...asked, scope },
        { ...asked, scope: null, beside: asked.beside.slice(1) },
        { ...asked, scope: null, kind: asked.kind === 'system' ? 'public' : asked.kind, role: asked.kind === 'system' ? asked.role : null },
      ];
      return less.every((one) => before || !ask(given, one).allowed) && ask(given, { ...asked, operator: true }).allowed === ask(given, { ...asked, operator: false }).allowed;
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});
