import { Conflict, Forbidden, type PluginError, ValidationError } from '@proofpix/sdk';
import type { PermissionDirectory } from '../contract.ts';
import { isBuiltInRole } from '../decision.ts';
import type { Holdings } from './holdings.ts';

/** Of one role, one member and one team. */
export const roleLimits = { permissions: 200, permissionBytes: 6_000, nameLength: 100, descriptionLength: 300, rolesOfMember: 100, rolesOfTeam: 5_000 } as const;

/** A role's line: `<plugin>:<action>` or `<plugin>:*`. */
const shape = /^[a-z][a-z0-9-]{1,49}:([a-z][a-z0-9-]{0,49}|\*)$/;

const invalid = (field: string, issue: string): PluginError => ValidationError({ message: `${field} ${issue}.`, details: { field, issue } });

/** @throws VALIDATION_ERROR */
export function requireRoleName(given: string): string {
  const name = given.normalize('NFC').trim();
  if (name === '' || name.length > roleLimits.nameLength || !name.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) throw invalid('name', `must have 1 to ${roleLimits.nameLength} visible characters`);
  if (isBuiltInRole(name.toLowerCase())) throw Conflict({ message: `${name} is a role that every team has.`, details: { field: 'name', issue: 'is taken' } });
  return name;
}

/** @throws VALIDATION_ERROR */
export function requireDescription(given: string): string {
  if (given.length > roleLimits.descriptionLength || !given.isWellFormed() || given.includes('\0')) throw invalid('description', `must have at most ${roleLimits.descriptionLength} characters`);
  return given;
}

/**
 * The lines of a role, sorted and each once.
 *
 * @throws VALIDATION_ERROR for what no plugin that is enabled in the team declares, and for too many
 */
export function requireDeclared(directory: PermissionDirectory, tenantId: string, given: readonly string[]): string[] {
  const entries = [...new Set(given)].toSorted();
  if (entries.length > roleLimits.permissions || Buffer.byteLength(JSON.stringify(entries)) > roleLimits.permissionBytes) {
    throw invalid('permissions', `must be at most ${roleLimits.permissions} and ${roleLimits.permissionBytes} bytes; <plugin>:* stands for all of a plugin`);
  }
  for (const [at, entry] of given.entries()) {
    const isDeclared = shape.test(entry) && (entry.endsWith(':*') ? directory.list(tenantId).some(({ permission }) => permission.startsWith(entry.slice(0, -1))) : directory.find(tenantId, entry) !== null);
    if (!isDeclared) throw invalid(`permissions/${at}`, 'is declared by no plugin that is enabled in this team');
  }
  return entries;
}

/** What a role of any kind holds now, line by line. */
export function linesOf(directory: PermissionDirectory, tenantId: string, role: string, permissions: readonly string[]): readonly string[] {
  if (!isBuiltInRole(role)) return permissions;
  return directory.list(tenantId).flatMap(({ permission, roles }) => (roles.includes(role) ? [permission] : []));
}

/** @throws FORBIDDEN naming in `details.permissions` what the caller does not hold themselves */
export function requireHeld(holdings: Holdings, entries: readonly string[]): void {
  const permissions = entries.filter((entry) => !holdings.holds(entry));
  if (permissions.length > 0) throw Forbidden({ message: 'Nobody gives, changes or takes a role that holds more than they do.', details: { permissions: permissions.slice(0, 50) } });
}

/** Lines that nobody can hold now, because their plugin is off, stand in nobody's way when a role is changed or taken. */
export function stillDeclared(directory: PermissionDirectory, tenantId: string, entries: readonly string[]): string[] {
  return entries.filter((entry) => (entry.endsWith(':*') ? directory.isEnabled(tenantId, entry.slice(0, -2)) : directory.find(tenantId, entry) !== null));
}
