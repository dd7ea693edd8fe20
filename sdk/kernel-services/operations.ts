import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Nullable, PluginId, Text, Version } from './shared.ts';

/** `kernel:operations`. */
export const kernelOperations = defineService({
  id: 'kernel.operations',
  version: '1.0.0',
  methods: {
    status: {
      input: Type.Object({}),
      output: Type.Object({
        engine: Text,
        uptimeSeconds: Type.Number(),
        memoryBytes: Type.Number(),
        runningCalls: Type.Integer(),
        plugins: Type.Array(Type.Object({ id: PluginId, version: Version, trust: Text, runtime: Text, state: Text })),
        sandbox: Type.Object({ children: Type.Integer(), isolates: Type.Integer(), kills: Type.Integer(), quarantined: Type.Integer() }),
      }),
      idempotent: true,
    },
    setMaintenance: { input: Type.Object({ on: Type.Boolean(), message: Type.Optional(Nullable(Type.String({ maxLength: 500 }))), until: Type.Optional(Nullable(Text)) }), output: Type.Null(), idempotent: true },
  },
});
