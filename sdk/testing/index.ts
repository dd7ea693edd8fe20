/** The harness for a plugin's own tests. */
export { createHarness, type Harness } from './create-harness.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { defaultTenantId, defaultUserId, type FetchStub, type HarnessOptions, type HookStubs, type Identity, type OutboundReply, type OutboundRequest, type Role, type ServiceStubs } from './options.ts';
export { nodePrimitives } from './primitives.ts';
export type { EventInit } from './background.ts';
export type { RequestInit, Response, UploadInit } from './request.ts';
export type { AuditedAction, EmittedEvent, LogLine, MetricPoint, PublishedMessage, SentJob } from './state.ts';
