import type { Manifest } from '@proofpix/sdk';
import { clientFrames, serverFrames } from './frame-schemas.ts';

type JsonMap = Record<string, unknown>;

const plain = (schema: unknown): JsonMap => JSON.parse(JSON.stringify(schema)) as JsonMap;

/** A frame as it stands on the wire. Only messages of the log have an id; only answers to a `ref` have that. */
function message(event: string, direction: 'sent' | 'received', summary: string | undefined, data: unknown): JsonMap {
  const fields = direction === 'sent' ? { ref: { type: 'string', maxLength: 64 } } : { id: { type: ['string', 'null'], description: 'For `lastId`; null for frames about the connection.' }, ref: { type: 'string' } };
  return {
    name: event,
    ...(summary === undefined ? {} : { summary }),
    contentType: 'application/json',
    payload: { type: 'object', required: direction === 'sent' ? ['event'] : ['event', 'data', 'id'], properties: { event: { const: event }, data: plain(data), ...fields } },
  };
}

const keyOf = (event: string): string => event.replaceAll(/[^a-z]+(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * What a socket of this caller sends and receives, as an AsyncAPI 3.0 document (asyncapi.com/docs/reference/specification/v3.0.0):
 * frames about the connection, and every event of an enabled plugin that sockets see.
 */
export function asyncApiDocument({ version, url, manifests }: { version: string; url: string; manifests: readonly Manifest[] }): JsonMap {
  const { host, protocol } = new URL(url);
  const messages: JsonMap = {};
  const received: JsonMap[] = [];
  const sent: JsonMap[] = [];
  function add(key: string, made: JsonMap, list: JsonMap[]): void {
    messages[key] = made;
    list.push({ $ref: `#/channels/socket/messages/${key}` });
  }
  for (const [event, { summary, data }] of Object.entries(serverFrames)) add(keyOf(event), message(event, 'received', summary, data), received);
  for (const [event, { summary, data }] of Object.entries(clientFrames)) add(`${keyOf(event)}Request`, message(event, 'sent', summary, data), sent);
  for (const manifest of manifests) {
    // one name may stand for several events, such as a failure and a time-out
    const byName = new Map<string, { summaries: string[]; schemas: unknown[] }>();
    for (const { realtime, description, schema } of Object.values(manifest.events)) {
      if (realtime === undefined) continue;
      const found = byName.get(realtime) ?? { summaries: [], schemas: [] };
      if (description !== undefined) found.summaries.push(description);
      found.schemas.push(schema);
      byName.set(realtime, found);
    }
    for (const [event, { summaries, schemas }] of byName) {
      const key = `${keyOf(manifest.id)}${keyOf(`-${event}`)}`;
      add(key, message(event, 'received', summaries.join(' '), schemas.length === 1 ? schemas[0] : { anyOf: schemas }), received);
    }
  }
  const channel = { $ref: '#/channels/socket' };
  return {
    asyncapi: '3.0.0',
    info: { title: 'ProofPix realtime', version },
    servers: { self: { host, protocol: protocol === 'https:' ? 'wss' : 'ws' } },
    channels: { socket: { address: '/ws', messages } },
    operations: { receive: { action: 'send', channel, messages: received }, send: { action: 'receive', channel, messages: sent } },
    defaultContentType: 'application/json',
  };
}
