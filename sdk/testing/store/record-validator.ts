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

export function recordValidator({ schema }: CollectionManifest, fields: ReadonlyMap<string, Field>): RecordValidator {
  const compiler = schemaCompiler({ useDefaults: true });
  const whole = compiler.compile(schema);
  const parts = new Map<string, ValidateFunction>();
  for (const [name, part] of Object.entries((schema as { properties?: Record<string, object> }).properties ?? {})) parts.set(name, compiler.compile(part));
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
      if (!whole(record)) refuse(whole.errors?.[0]);
      return record;
    },
    value(field, value) {
      const check = parts.get(field.name);
      if (check === undefined || !check(structuredClone(value))) refuse(check?.errors?.[0], field.name);
    },
  };
}
