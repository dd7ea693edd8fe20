import { oauthSettings } from './oauth-settings.ts';
import type { Settings } from './schema.ts';

/** Values of a JSON object, as a plugin's `ctx.settings` has them. */
type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** What the operator's settings give one plugin, and no other. */
export interface PluginSettings {
  /** `ctx.settings`; must fit the schema `settings` of the plugin's manifest. */
  values: { readonly [name: string]: Plain };
  /** Secrets that the manifest declares as `deployment`, by name. They are in no log and in no other plugin's reach. */
  secrets?: Readonly<Record<string, string>>;
}

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
  /** Picks what this plugin gets of the deployment's settings; most get nothing. */
  settings?: (settings: Settings) => PluginSettings;
}

/** What this deployment runs, and where. Order does not matter: dependencies decide. */
export const plugins: readonly PluginEntry[] = [
  { package: '@proofpix/marketplace', runtime: 'in-process', prefixes: ['/api/plugins'], grants: ['kernel:plugins'], everyTenant: true },
  { package: '@proofpix/plugin-teams', runtime: 'in-process', prefixes: ['/api/teams'], grants: ['kernel:identity', 'kernel:mail'], everyTenant: true },
  { package: '@proofpix/plugin-oauth', runtime: 'in-process', prefixes: ['/api/oauth'], grants: ['kernel:sign-in'], everyTenant: true, settings: oauthSettings },
  { package: '@proofpix/plugin-users', runtime: 'in-process', prefixes: ['/api/users'], grants: ['kernel:identity'], everyTenant: true },
  { package: '@proofpix/plugin-images', runtime: 'in-process', prefixes: [], grants: [], everyTenant: true },
  { package: '@proofpix/plugin-parsers', runtime: 'in-process', prefixes: [], grants: [], everyTenant: true },
  { package: '@proofpix/plugin-ocr', runtime: 'in-process', prefixes: [], grants: [], everyTenant: true, settings: ({ OCR_THREADS }) => ({ values: { threads: OCR_THREADS } }) },
  { package: '@proofpix/plugin-scanner', runtime: 'in-process', prefixes: [], grants: [], everyTenant: true, settings: ({ CLAMD_URL }) => ({ values: { clamdUrl: CLAMD_URL ?? null } }) },
  { package: '@proofpix/plugin-files', runtime: 'in-process', prefixes: ['/api/files'], grants: [], everyTenant: true, settings: ({ CLAMD_URL, MAX_UPLOAD_BYTES }) => ({ values: { scanUploads: CLAMD_URL !== undefined, maxUploadBytes: MAX_UPLOAD_BYTES } }) },
  { package: '@proofpix/plugin-document-intelligence', runtime: 'in-process', prefixes: ['/api/document-intelligence'], grants: [], everyTenant: true },
  { package: '@proofpix/plugin-ephemeral', runtime: 'in-process', prefixes: ['/api/ephemeral'], grants: [], everyTenant: true },
];
