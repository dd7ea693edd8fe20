import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/*
 * Loaded before everything else in every process of a test run (see ../run.ts): hundreds of processes load the same
 * modules, which are compiled once; and tap's loader, which would look for a source map in each of them, looks at none.
 */
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));
enableCompileCache(process.env['NODE_COMPILE_CACHE']);
process.env['_TAPJS_PROCESSINFO_EXCLUDE_'] = '/./';
