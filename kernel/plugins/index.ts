export { openPlugins, type Plugins, type PluginsOptions } from './open-plugins.ts';
export type { EmitWith } from './kernel-services/emit-with.ts';
export { identityService } from './kernel-services/identity.ts';
export { mailService } from './kernel-services/mail.ts';
export { operationsService } from './kernel-services/operations.ts';
export { pluginsService } from './kernel-services/plugins.ts';
export type { CallRecord } from './invoker.ts';
export type { MetricSink } from './notices.ts';
export { teamsService } from './kernel-services/teams.ts';
