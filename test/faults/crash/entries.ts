import { type PluginEntry, plugins } from '../../../config/plugins.ts';

const fixture = (id: string, grants: readonly string[] = []): PluginEntry => ({ package: new URL(`./${id}.ts`, import.meta.url).href, runtime: 'in-process', prefixes: [`/api/${id}`], grants, everyTenant: true });

/** What the servers of these tests run: the deployment's own plugins, and two that show what happened. */
export const entries: readonly PluginEntry[] = [...plugins, fixture('ledger'), fixture('operations', ['kernel:operations'])];

const needed = ['@proofpix/plugin-files', '@proofpix/plugin-document-intelligence', '@proofpix/plugin-parsers', '@proofpix/plugin-images'];
/** For a server that is booted dozens of times: what keeps and processes files, and the ledger. */
export const fewEntries: readonly PluginEntry[] = entries.filter((entry) => needed.includes(entry.package) || entry.prefixes.includes('/api/ledger'));
