import { type PluginEntry, plugins } from '../../../config/plugins.ts';

const fixture = (id: string, grants: readonly string[] = []): PluginEntry => ({ package: new URL(`./${id}.ts`, import.meta.url).href, runtime: 'in-process', prefixes: [`/api/${id}`], grants, everyTenant: true });

/** What the servers of these tests run: the deployment's own plugins, and two that show what happened. */
export const entries: readonly PluginEntry[] = [...plugins, fixture('ledger'), fixture('operations', ['kernel:operations'])];
