import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { PayloadTooLarge } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { CollectionManifest } from '../../manifest.ts';
import { schemaCompiler } from '../schema-check.ts';
import { type Field, refuseField } from './field.ts';

const maxRowBytes = 1_048_576;

export interface RecordValidator {
  /** A copy with the schema's defaults. @throws VALIDATION_ERROR, PAYLOAD_TOO_LARGE. */
  record(input: unknown): Record<string, unknown>;
  /** One field of a patch. @throws VALIDATION_ERROR. */
  value(field: Field, value: unknown): void;
}

function refuse(error: ErrorObject | undefined, root?: string): never {
  const missing = error?.keyword === 'required' ? String(error.params.missingProperty) : '';
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const field = [root, path, missing].filter((part) => part !== undefined && part !== '').join('.') || 'record';
  refuseField(field, missing === '' ? (error?.message ?? 'is not valid') : 'is required');
}

interface Compiled {
  whole: ValidateFunction;
  part(name: string): ValidateFunction | undefined;
}

const compiler = schemaCompiler({ useDefaults: true });
/** By the collection's schema: a plugin's tests make many harnesses, and compiling took most of their time. */
const compiled = new WeakMap<object, Compiled>();

function compiledFor(schema: object): Compiled {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const { properties = {} } = schema as { properties?: Record<string, object> };
  let whole: ValidateFunction | null = null;
  const parts = new Map<string, ValidateFunction>();
  const made: Compiled = {
    get whole() {
      return (whole ??= compiler.compile(schema));
    },
    part(name) {
      const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (field !== undefined && !parts.has(name)) parts.set(name, compiler.compile(field));
      return parts.get(name);
    },
  };
  compiled.set(schema, made);
  return made;
}

export function recordValidator({ schema }: CollectionManifest, fields: ReadonlyMap<string, Field>): RecordValidator {
  const checks = compiledFor(schema);
  return {
    record(input) {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return refuseField('record', 'must be an object');
      if (Buffer.byteLength(JSON.stringify(input)) > maxRowBytes) throw PayloadTooLarge({ message: 'A record has at most 1 MiB.' });
      const record: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(structuredClone(input) as JsonObject)) {
        if (value === undefined) continue;
        const field = fields.get(name);
        if (field === undefined || field.host) return refuseField(name, 'is not a field of this collection');
        record[name] = value;
      }
      if (!checks.whole(record)) refuse(checks.whole.errors?.[0]);
      return record;
    },
    value(field, value) {
      const check = checks.part(field.name);
      if (check === undefined || !check(structuredClone(value))) refuse(check?.errors?.[0], field.name);
    },
  };
}
