import { Type, type Static, type TSchema } from 'typebox';

/** One method of a service. */
export interface ServiceMethod<I extends TSchema = TSchema, O extends TSchema = TSchema> {
  input: I;
  output: O;
  /** May be repeated after a crash of the provider. */
  idempotent?: boolean;
}

/** A typed reference to what a plugin provides: the contract, without the implementation. */
export interface ServiceRef<M extends Record<string, ServiceMethod> = Record<string, ServiceMethod>> {
  /** `<plugin>.<name>`. */
  readonly id: string;
  /** Semver of the contract. */
  readonly version: string;
  readonly methods: M;
  /** Made by {@link confined}. */
  readonly confined?: true;
}

/** A service as its caller sees it: each method takes its input and answers its output. */
export type ServiceClient<R extends ServiceRef> = {
  readonly [K in keyof R['methods']]: (input: Static<R['methods'][K]['input']>) => Promise<Static<R['methods'][K]['output']>>;
};

/** Declares a service in the providing plugin's `contract.ts`; callers name it under `services`. */
export function defineService<const M extends Record<string, ServiceMethod>>(ref: ServiceRef<M>): ServiceRef<M> {
  return ref;
}

/**
 * The same service, called so that nothing of the input stays behind or gets out: the provider and everything it calls
 * may read its own data and the files it was given, and nothing else. Writing, events, jobs, realtime, `ctx.fetch` and
 * audit entries are FORBIDDEN there (`details.capability`); log lines and metrics are dropped. The confinement cannot be
 * left by further calls or hooks, and `ctx.confined` tells the provider.
 *
 * @example
 * pluginKit({ services: { text: confined(parsersText) } })
 */
export function confined<R extends ServiceRef>(ref: R): R {
  return { ...ref, confined: true };
}

/** A method that answers nothing. */
export const Nothing = Type.Null();
