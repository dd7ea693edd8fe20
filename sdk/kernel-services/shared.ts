import { Type } from 'typebox';

export const Id = Type.String({ format: 'uuid' });
export const PluginId = Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' });
export const Version = Type.String({ maxLength: 60 });
export const Text = Type.String();
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * Events of the calling plugin that are written in the transaction of the change, so that none is lost
 * and none tells of what did not happen. Same checks and errors as `ctx.events.emit`.
 */
export const Emit = Type.Optional(Type.Array(Type.Object({ name: Type.String({ minLength: 3, maxLength: 130 }), payload: Type.Record(Text, Type.Unknown()) }), { maxItems: 20 }));
