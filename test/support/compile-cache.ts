import { enableCompileCache } from 'node:module';

/** Loaded before every test: many processes load the same modules, and compile them once. Child processes with this environment too. */
process.env['NODE_COMPILE_CACHE'] ??= new URL('../../node_modules/.cache/node', import.meta.url).pathname;
enableCompileCache(process.env['NODE_COMPILE_CACHE']);
