import type { Plugin } from '../define-plugin.ts';
import { InvalidResult, NotFound, ValidationError } from '../errors.ts';
import type { Json } from '../json.ts';
import { isReply, type Reply } from '../reply.ts';
import { checkJson } from './check-json.ts';
import { createContext } from './create-context.ts';
import { fromBase64, toBase64 } from './encoding.ts';
import type { HostPort, Invocation, Primitives, ReplyWire, RouteInputWire } from './port.ts';

/** Bytes of a reply that may cross the wall at once; more goes through a file. */
const replyBytes = 1_048_576;

function replyWire(result: unknown): ReplyWire {
  if (!isReply(result)) return { json: (result ?? null) as Json };
  const { bytes, ...rest } = result as Reply;
  if (bytes === undefined) return rest;
  if (bytes.length > replyBytes) throw ValidationError({ message: 'A reply of bytes is at most 1 MiB; answer with a file.' });
  return { ...rest, base64: toBase64(bytes) };
}

function routeInput(input: Json): unknown {
  const { rawBase64, ...wire } = input as unknown as RouteInputWire;
  return { ...wire, raw: rawBase64 === null ? null : fromBase64(rawBase64) };
}

/**
 * Runs one handler. Both runtimes call this and nothing else; the result is JSON, for a route the
 * reply's wire form. Arguments and results are held to be JSON here and in `createContext`, the same for
 * both runtimes.
 *
 * @throws NOT_FOUND when the plugin has no such handler; INVALID_RESULT for one that is not JSON
 */
export async function dispatch(plugin: Plugin, invocation: Invocation, port: HostPort, primitives: Primitives): Promise<Json> {
  const handler = Object.hasOwn(plugin.handlers, invocation.handler) ? plugin.handlers[invocation.handler] : undefined;
  if (handler === undefined) throw NotFound({ message: `The plugin has no handler ${invocation.handler}.` });
  const ctx = createContext(plugin, invocation.call, port, primitives);
  const result: unknown = invocation.handler.startsWith('route:') ? replyWire(await handler(ctx, routeInput(invocation.input))) : ((await handler(ctx, invocation.input)) ?? null);
  try {
    checkJson(result, 'result');
  } catch (error) {
    throw InvalidResult({ message: (error as Error).message });
  }
  return result;
}
