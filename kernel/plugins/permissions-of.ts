import type { Manifest } from '@proofpix/sdk';
import type { DeclaredPermission } from '../auth/contract.ts';

const known = new WeakMap<Manifest, ReadonlyMap<string, DeclaredPermission>>();

/** A manifest's permissions by their whole name; made once per manifest, since every request asks. */
export function permissionsOf(manifest: Manifest): ReadonlyMap<string, DeclaredPermission> {
  let found = known.get(manifest);
  if (found === undefined) {
    const declaredBy = { id: manifest.id, title: manifest.title, version: manifest.version };
    found = new Map(Object.entries(manifest.permissions).map(([action, { description, roles }]) => [`${manifest.id}:${action}`, { permission: `${manifest.id}:${action}`, description, roles, declaredBy }]));
    known.set(manifest, found);
  }
  return found;
}
