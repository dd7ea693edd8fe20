import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { send, testServer } from '../support/server.ts';
import { enter, type Frame } from '../support/sockets.ts';

/** The events that the contract names stand in the AsyncAPI document, and what a socket gets is what is written there. */
const promised = JSON.parse(readFileSync(new URL('./realtime-events.json', import.meta.url), 'utf8')) as Record<'connection' | 'document' | 'team', string[]>;
const photo = new Uint8Array(readFileSync(createRequire(import.meta.url).resolve('exif-parser/test/starfish.jpg')));

interface Message {
  name: string;
  payload: object;
}
interface AsyncApi {
  asyncapi: string;
  servers: { self: { host: string; protocol: string } };
  channels: { socket: { address: string; messages: Record<string, Message> } };
  operations: Record<'receive' | 'send', { action: string; messages: { $ref: string }[] }>;
}

const server = await testServer(t, { entries: plugins });
const user = await server.register();
const authorization = `Bearer ${user.accessToken}`;
const document = (await send(server.url, 'GET', '/asyncapi.json', undefined, { authorization })).body as AsyncApi;
const namesOf = (operation: 'receive' | 'send'): string[] => document.operations[operation].messages.map(({ $ref }) => document.channels.socket.messages[$ref.split('/').at(-1) ?? '']?.name ?? $ref);

t.test('a stranger sees the frames of the connection, and no plugin’s', async (t) => {
  const { status, body } = await send(server.url, 'GET', '/asyncapi.json');
  t.equal(status, 200);
  t.strictSame(Object.values((body as AsyncApi).channels.socket.messages).filter(({ name }) => /^(document|team):/.test(name)), []);
});

t.test('every promised event is described once, and every reference leads somewhere', async (t) => {
  t.equal(document.asyncapi, '3.0.0');
  t.match(document.servers.self, { protocol: 'ws' });
  t.equal(document.channels.socket.address, '/ws');
  const received = namesOf('receive');
  for (const event of [...promised.connection, ...promised.document, ...promised.team]) t.ok(received.includes(event), event);
  t.ok(namesOf('send').includes('authenticate'));
  t.strictSame([...received, ...namesOf('send')].filter((name) => name.startsWith('#')), []);
});

function formOf(content: Uint8Array<ArrayBuffer> | string, filename: string, type: string): FormData {
  const form = new FormData();
  form.append('file', new Blob([content], { type }), filename);
  return form;
}

t.test('what a socket gets while documents are processed fits its description', async (t) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (to: Ajv2020) => void)(ajv);
  const client = await enter(t, `${server.url.replace('http', 'ws')}/ws`, user.accessToken);
  const upload = (form: FormData) => send(server.url, 'POST', '/api/files/upload', form, { authorization });
  t.match(await upload(formOf(photo, 'starfish.jpg', 'image/jpeg')), { status: 201 });
  t.match(await upload(formOf('', 'empty.jpg', 'image/jpeg')), { status: 201 });
  await client.next('document:completed');
  await client.next('document:error');
  client.send('nonsense', {}, 'r');
  await client.next('error');
  const problem = ({ event, ...frame }: Frame): string | null => {
    const candidates = Object.values(document.channels.socket.messages).filter(({ name, payload }) => name === event && 'required' in payload && (payload.required as string[]).includes('id'));
    return candidates.some(({ payload }) => ajv.validate(payload, { event, ...frame })) ? null : `${event}: ${ajv.errorsText()}`;
  };
  t.strictSame(client.frames.map(problem).filter((issue) => issue !== null), []);
  for (const event of promised.document) t.ok(client.of(event).length > 0, event);
});
