/** One plugin of this deployment. */
export interface PluginEntry {
  /** Package of the workspace, loaded by its `.` export. */
  package: string;
  /** `in-process`, or `sandboxed` for a plugin without native parts. */
  runtime: 'in-process' | 'sandboxed';
  /** Path prefixes this plugin owns; third-party plugins always live below `/api/x/<id>`. */
  prefixes: readonly string[];
  /** Kernel services that only an operator grants, e.g. `kernel:identity`. */
  grants: readonly string[];
  /** Enabled for every tenant from its first minute; otherwise a tenant installs it. */
  everyTenant: boolean;
}

/** What this deployment runs, and where. Order does not matter: dependencies decide. */
export const plugins: readonly PluginEntry[] = [
  { package: '@proofpix/marketplace', runtime: 'in-process', prefixes: ['/api/plugins'], grants: ['kernel:plugins'], everyTenant: true },
  { package: '@proofpix/plugin-files', runtime: 'in-process', prefixes: ['/api/files'], grants: [], everyTenant: true },
  { package: '@proofpix/plugin-document-intelligence', runtime: 'in-process', prefixes: ['/api/document-intelligence'], grants: [], everyTenant: true },
];
