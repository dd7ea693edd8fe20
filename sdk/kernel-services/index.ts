/**
 * Services that the kernel itself provides, to first-party plugins that an operator grants the
 * capability: `kernel:identity`, `kernel:sign-in`, `kernel:plugins`, `kernel:operations`, `kernel:mail`. All of them act in the tenant
 * and for the principal of the call.
 */
export * from './identity.ts';
export * from './mail.ts';
export * from './operations.ts';
export * from './plugins.ts';
export * from './roles.ts';
export * from './sign-in.ts';
export * from './teams.ts';
export * from './users.ts';
