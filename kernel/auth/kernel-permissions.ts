import type { DeclaredPermission, PermissionDirectory } from './contract.ts';

/** A permission that the kernel's own routes ask for. */
export interface KernelPermission {
  title: string;
  /** built-in roles that have it in every tenant */
  roles: readonly ('owner' | 'admin' | 'member' | 'viewer')[];
}

const everybody = ['owner', 'admin', 'member', 'viewer'] as const;
const administrators = ['owner', 'admin'] as const;

/** What the kernel asks for by itself, beside what plugins declare. */
export const kernelPermissions: Readonly<Record<string, KernelPermission>> = {
  'keys:create': { title: 'Make API keys for oneself', roles: everybody },
  'keys:rotate': { title: 'Rotate API keys of one’s own', roles: everybody },
  'keys:read-all': { title: 'See the API keys of the whole team and their usage', roles: administrators },
  'keys:manage-all': { title: 'Narrow and revoke API keys of the whole team', roles: administrators },
};

const namespaceOf = (permission: string): string => permission.slice(0, permission.indexOf(':'));

/** Ids that no plugin may have: its permissions would be taken for the kernel's. */
export const kernelNamespaces: ReadonlySet<string> = new Set(['kernel', 'auth', 'audit', ...Object.keys(kernelPermissions).map(namespaceOf)]);

const declared: ReadonlyMap<string, DeclaredPermission> = new Map(
  Object.entries(kernelPermissions).map(([permission, { title, roles }]) => [permission, { permission, description: title, roles, declaredBy: { id: 'kernel', title: 'ProofPix', version: null } }]),
);

/** The plugins' permissions and the kernel's own, which are on in every tenant. */
export function withKernelPermissions(plugins: PermissionDirectory): PermissionDirectory {
  return {
    find: (tenantId, permission) => declared.get(permission) ?? (kernelNamespaces.has(namespaceOf(permission)) ? null : plugins.find(tenantId, permission)),
    list: (tenantId) => [...declared.values(), ...plugins.list(tenantId)],
    isEnabled: (tenantId, pluginId) => kernelNamespaces.has(pluginId) || plugins.isEnabled(tenantId, pluginId),
  };
}
