import { readFileSync } from 'node:fs';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { send, testServer } from '../support/server.ts';

/** The endpoints that the API promises, by owner, stand in the OpenAPI document and answer. */
const promised = JSON.parse(readFileSync(new URL('./endpoints.json', import.meta.url), 'utf8')) as Record<string, string[]>;
const operator = { email: 'operator@example.com', password: 'Violet-Kettle-7f3a' };
const server = await testServer(t, { entries: plugins, env: { OPERATOR_EMAIL: operator.email, OPERATOR_PASSWORD: operator.password } });
const { accessToken } = (await send(server.url, 'POST', '/api/auth/login', operator)).body;
const { paths } = (await send(server.url, 'GET', '/openapi.json', undefined, { authorization: `Bearer ${accessToken}` })).body as { paths: Record<string, Record<string, { operationId?: string; summary?: string }>> };

for (const [owner, endpoints] of Object.entries(promised)) {
  t.test(`${owner}: every endpoint is documented and there`, async (t) => {
    for (const endpoint of endpoints) {
      const [method = '', path = ''] = endpoint.split(' ');
      const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      t.match(operation, { operationId: /^[a-z][\w-]*\.\w/, summary: /\w/ }, endpoint);
      const { status, body } = await send(server.url, method, path.replaceAll(/:(\w+)/g, '0199a000-0000-7000-8000-00000000000a'), method === 'GET' || method === 'DELETE' ? undefined : {});
      // without credentials: refused for that, or, where nobody needs any, for what is missing in the body
      t.ok(status < 300 || ([400, 401].includes(status) && typeof body.error === 'string') || (owner === 'oauth' && [404, 503].includes(status)), `${endpoint} answers ${status}`);
    }
  });
}
