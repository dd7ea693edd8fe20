import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { ValidationError } from '@proofpix/sdk';
import type { MaintenanceSwitch } from '../maintenance.ts';

const State = Type.Object({
  on: Type.Boolean(),
  /** Shown to whoever is refused. */
  message: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
  /** RFC 3339: when service is expected back. */
  until: Type.Union([Type.String({ maxLength: 40 }), Type.Null()]),
});
const Change = Type.Object({ on: Type.Boolean(), message: Type.Optional(State.properties.message), until: Type.Optional(State.properties.until) }, { additionalProperties: false });

/** Maintenance mode of the whole deployment: operators keep access, everybody else gets 503 and `system:maintenance`. */
export default async function maintenanceRoutes(fastify: FastifyInstance, { maintenance }: { maintenance: Pick<MaintenanceSwitch, 'current' | 'set'> }): Promise<void> {
  fastify.get('/api/maintenance', { config: { access: 'public', duringMaintenance: true, operationId: 'maintenance.get', summary: 'Whether the deployment is under maintenance' }, schema: { response: { 200: State } } }, async () => maintenance.current());

  fastify.put<{ Body: Static<typeof Change> }>('/api/maintenance', { config: { access: 'operator', operationId: 'maintenance.set', summary: 'Switch maintenance mode, on every node' }, schema: { body: Change, response: { 200: State } } }, async (request) => {
    const { on, message = null, until = null } = request.body;
    if (until !== null && Number.isNaN(Date.parse(until))) throw ValidationError({ message: 'body.until is not a time.', details: { field: 'body.until', issue: 'must be a time as in RFC 3339' } });
    const state = { on, message, until: until === null ? null : new Date(until).toISOString() };
    await maintenance.set(state);
    return state;
  });
}
