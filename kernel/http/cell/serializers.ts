import buildSerializer from 'fast-json-stringify';
import type { FastifySerializerCompiler } from 'fastify';

type Schema = Parameters<typeof buildSerializer>[0];

/**
 * What a serializer needs of a schema: which properties there are, and of which type. Patterns and
 * formats say nothing about that, and the serializer's own matching is not linear in time; properties
 * by pattern become properties by any name.
 */
export function serializable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(serializable);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'pattern' || key === 'format' || key === 'default' || key === 'examples') continue;
    if (key === 'enum' || key === 'const') kept[key] = value;
    else if (key === 'properties') kept[key] = Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, serializable(inner)]));
    else if (key === 'patternProperties') kept['additionalProperties'] = byAnyName(value as object);
    else if (key === 'additionalProperties' && 'patternProperties' in schema) continue;
    else kept[key] = serializable(value);
  }
  return kept;
}

function byAnyName(patterns: object): unknown {
  const [only, ...others] = Object.values(patterns);
  return others.length === 0 ? serializable(only) : true;
}

/** Serializers made when first used, from the route's response schema. */
export const lazySerializers: FastifySerializerCompiler<unknown> = ({ schema }) => {
  let compiled: ((data: unknown) => string) | null = null;
  return (data) => {
    compiled ??= buildSerializer(serializable(schema) as Schema) as (data: unknown) => string;
    return compiled(data);
  };
};
