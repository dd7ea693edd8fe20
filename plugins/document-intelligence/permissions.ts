/** Who may do what of the manifest's `permissions`. */
export const permissions: Record<string, { description: string; roles: ('viewer' | 'member' | 'admin' | 'owner')[] }> = {
  read: { description: 'See what was found out about documents, with files:read', roles: ['viewer', 'member', 'admin', 'owner'] },
  extract: { description: 'Find people, places, numbers and other personal data in a text', roles: ['member', 'admin', 'owner'] },
};
