import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { PayloadTooLarge, ValidationError } from '@proofpix/sdk';
import type { Json } from '@proofpix/sdk';
import type { Field, JsonSchema } from './field.ts';
import { linearRegExp } from './linear-regexp.ts';

const maxRowBytes = 1_048_576;

/** A record as a plugin passes it in. */
export type InputRecord = Record<string, unknown>;

export interface RecordValidator {
  /** A copy with the schema's defaults, checked; throws VALIDATION_ERROR or PAYLOAD_TOO_LARGE (1 MiB). */
  record(input: unknown): InputRecord;
  /** One field of a patch; throws VALIDATION_ERROR. */
  value(field: Field, value: unknown): void;
}

let shared: Ajv2020 | undefined;

/** Compiling its meta-schema takes Ajv longer than any collection, so there is one instance; it remembers no schema. */
function compile(schema: JsonSchema): ValidateFunction {
  if (!shared) {
    shared = new Ajv2020({ strict: false, allErrors: false, useDefaults: true, validateFormats: true, code: { regExp: linearRegExp }, logger: false });
    // the package's CommonJS default export
    (addFormats as unknown as (target: Ajv2020) => void)(shared);
  }
  // an id would be a name that all plugins share
  const { $id: _id, ...anonymous } = schema;
  const validate = shared.compile(anonymous);
  shared.removeSchema(anonymous);
  return validate;
}

export function refuseField(field: string, issue: string): never {
  throw ValidationError({ message: `${field}: ${issue}`, details: { field, issue } });
}

function refuseError(error: ErrorObject | undefined, root?: string): never {
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing = error?.keyword === 'required' ? String(error.params['missingProperty']) : '';
  const extra = error?.keyword === 'additionalProperties' ? String(error.params['additionalProperty']) : '';
  const field = [root, path, missing, extra].filter((part) => part !== undefined && part !== '').join('.') || 'record';
  refuseField(field, missing !== '' ? 'is required' : (error?.message ?? 'is not valid'));
}

function requireSafeIntegers(fields: readonly Field[], record: InputRecord): void {
  for (const field of fields) {
    const value = record[field.name];
    if (field.kind === 'integer' && typeof value === 'number' && !Number.isSafeInteger(value)) refuseField(field.name, 'must be an integer of at most 53 bits');
  }
}

/** Compiles a collection's schema once. @throws VALIDATION_ERROR when it is not a JSON Schema this host can check */
export function recordValidator(schema: JsonSchema, fields: readonly Field[]): RecordValidator {
  const own = new Set(fields.filter((field) => !field.host).map((field) => field.name));
  const properties = schema['properties'] as Record<string, JsonSchema>;
  const parts = new Map<string, ValidateFunction>();
  let whole: ValidateFunction;
  try {
    whole = compile(schema);
  } catch (cause) {
    throw ValidationError({ message: `The schema of a collection cannot be compiled: ${(cause as Error).message}`, details: { field: 'schema', issue: (cause as Error).message }, cause });
  }
  return {
    record(input) {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) refuseField('record', 'must be an object');
      const sizeBytes = Buffer.byteLength(JSON.stringify(input));
      if (sizeBytes > maxRowBytes) throw PayloadTooLarge({ message: 'A record has at most 1 MiB.', details: { sizeBytes, maxBytes: maxRowBytes } });
      const record: InputRecord = {};
      for (const [name, value] of Object.entries(input)) {
        if (value === undefined) continue;
        if (!own.has(name)) refuseField(name, 'is not a field of this collection');
        record[name] = value;
      }
      if (!whole(record)) refuseError(whole.errors?.[0]);
      requireSafeIntegers(fields, record);
      return record;
    },
    value(field, value) {
      let check = parts.get(field.name);
      if (!check) {
        check = compile({ $defs: schema['$defs'] ?? {}, ...properties[field.name] });
        parts.set(field.name, check);
      }
      if (!check(value)) refuseError(check.errors?.[0], field.name);
      requireSafeIntegers([field], { [field.name]: value as Json });
    },
  };
}
