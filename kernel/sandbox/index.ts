export { openSandbox } from './open-sandbox.ts';
export { extractManifest } from './extract-manifest.ts';
export { bundle, packageScript } from './package-script.ts';
export { BudgetExceeded, BundleRefused, PluginQuarantined, type Budget } from './errors.ts';
export type { MeterRow, Sandbox, SandboxOptions, SandboxStats, Strike, Usage } from './contract.ts';
