export type { Events, OutgoingEvent, OutgoingMessage, Provenance, RealtimeAddress, Signals, StoredEvent, Subscriber, SubscriberDirectory } from './contract.ts';
export { maxHops } from './contract.ts';
export { type HookDeclaration, type HookOutcome, runHooks } from './hooks.ts';
export { type Messaging, type MessagingOptions, openMessaging } from './open-messaging.ts';
