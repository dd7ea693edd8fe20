import type { JsonObject } from '@proofpix/sdk';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { linearRegExp } from '../database/collections/linear-regexp.ts';

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true, addUsedSchema: false, ownProperties: true, code: { regExp: linearRegExp }, logger: false });
// The package's CommonJS default export.
(addFormats as unknown as (target: Ajv2020) => void)(ajv);

const filling = new Ajv2020({ strict: false, useDefaults: true, validateFormats: true, addUsedSchema: false, ownProperties: true, code: { regExp: linearRegExp }, logger: false });
(addFormats as unknown as (target: Ajv2020) => void)(filling);

/** Keyed by the schema object of a loaded manifest, so it goes when the version goes. */
const compiled = new WeakMap<object, ValidateFunction>();

export interface SchemaProblem {
  /** Dotted path below `root`. */
  field: string;
  issue: string;
}

/** Why a value does not fit a schema of a manifest, or null. Patterns run in linear time. */
export function schemaProblem(schema: object, value: unknown, root: string): SchemaProblem | null {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return null;
  const [error] = validate.errors ?? [];
  const path = (error?.instancePath ?? '').replaceAll('/', '.');
  const named = (error?.params as { missingProperty?: string; additionalProperty?: string } | undefined) ?? {};
  const last = named.missingProperty ?? named.additionalProperty;
  return { field: `${root}${path}${last === undefined ? '' : `.${last}`}`, issue: named.missingProperty === undefined ? (error?.message ?? 'is not valid') : 'is required' };
}

/** A config with the schema's defaults filled in; what does not fit stays as it is, for {@link schemaProblem} to find. */
export function withDefaults(schema: object | undefined, config: JsonObject): JsonObject {
  if (schema === undefined) return config;
  const copy = structuredClone(config);
  filling.compile(schema)(copy);
  return copy;
}
