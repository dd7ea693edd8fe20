/** A permission that the kernel's own routes ask for. */
export interface KernelPermission {
  title: string;
  /** built-in roles that have it in every tenant */
  roles: readonly ('owner' | 'admin' | 'member' | 'viewer')[];
}

const everybody = ['owner', 'admin', 'member', 'viewer'] as const;
const administrators = ['owner', 'admin'] as const;

/** What the kernel asks for by itself, beside what plugins declare; a plugin that declares the same name changes nothing. */
export const kernelPermissions: Readonly<Record<string, KernelPermission>> = {
  'keys:create': { title: 'Make API keys for oneself', roles: everybody },
  'keys:rotate': { title: 'Rotate API keys of one’s own', roles: everybody },
  'keys:read-all': { title: 'See the API keys of the whole team and their usage', roles: administrators },
  'keys:manage-all': { title: 'Rotate, narrow and revoke API keys of the whole team', roles: administrators },
};

/** Built-in roles that have one of the kernel's permissions; undefined for any other permission. */
export const kernelRolesWith = (permission: string): readonly string[] | undefined => (Object.hasOwn(kernelPermissions, permission) ? kernelPermissions[permission]?.roles : undefined);
