export { Type, type Static } from 'typebox';
export * from './json.ts';
export * from './errors.ts';
export * from './filter.ts';
export * from './context.ts';
export * from './manifest.ts';
export * from './service.ts';
export * from './reply.ts';
export * from './define-plugin.ts';
