import { Type } from 'typebox';

export const Id = Type.String({ format: 'uuid' });
export const PluginId = Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' });
export const Version = Type.String({ maxLength: 60 });
export const Text = Type.String();
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
