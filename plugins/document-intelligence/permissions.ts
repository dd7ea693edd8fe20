/** Who may do what of the manifest's `permissions`. */
export const permissions: Record<string, { description: string; roles: ('viewer' | 'member' | 'admin' | 'owner')[] }> = {
  read: { description: 'See what was found out about documents, with files:read', roles: ['viewer', 'member', 'admin', 'owner'] },
  extract: { description: 'Look into texts and documents: what they are, whom they name, what is dangerous in them', roles: ['member', 'admin', 'owner'] },
  classify: { description: 'Say what a document is, for similar ones to be classified so', roles: ['member', 'admin', 'owner'] },
  redact: { description: 'Hide personal data in texts, and make redacted copies of documents', roles: ['member', 'admin', 'owner'] },
  restore: { description: 'Put back what was encrypted in a text', roles: ['admin', 'owner'] },
  recognisers: { description: 'Teach new kinds of entities by patterns', roles: ['admin', 'owner'] },
};
