import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { InternalError, ValidationError } from '../errors.ts';

/** A compiler of JSON Schemas (draft 2020-12) as the host has it, with formats. */
export function schemaCompiler(options: { useDefaults?: boolean; coerceTypes?: 'array'; removeAdditional?: boolean } = {}): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false, ...options });
  // The package's CommonJS default export.
  (addFormats as unknown as (target: Ajv2020) => void)(ajv);
  return ajv;
}

/** What is wrong with a value, or null. */
export type SchemaCheck = (value: unknown) => { field: string; issue: string } | null;

const plain = schemaCompiler();
const compiled = new WeakMap<object, SchemaCheck>();

/** Where and why `value` does not fit the schema. Compiled once per schema object. */
export function schemaProblem(schema: object, value: unknown, compiler: Ajv2020 = plain, cache: WeakMap<object, SchemaCheck> | null = compiler === plain ? compiled : null): { field: string; issue: string } | null {
  let check = cache?.get(schema);
  if (check === undefined) {
    const validate = compiler.compile(schema);
    check = (candidate) => {
      if (validate(candidate)) return null;
      const error = validate.errors?.[0];
      const params = error?.params as { missingProperty?: string; additionalProperty?: string } | undefined;
      const name = params?.missingProperty ?? params?.additionalProperty ?? '';
      const field = [...(error?.instancePath ?? '').split('/').slice(1), name].filter((part) => part !== '').join('.');
      return { field, issue: params?.missingProperty === undefined ? (error?.message ?? 'is not valid') : 'is required' };
    };
    cache?.set(schema, check);
  }
  return check(value);
}

/** @throws VALIDATION_ERROR with `details.field` (below `root`) and `details.issue`. */
export function requireValid(schema: object, value: unknown, root: string, compiler?: Ajv2020): void {
  const problem = schemaProblem(schema, value, compiler);
  if (problem === null) return;
  const field = problem.field === '' ? root : `${root}.${problem.field}`;
  throw ValidationError({ message: `${field}: ${problem.issue}`, details: { field, issue: problem.issue } });
}

/** For what a plugin itself gets wrong: a bug, not a bad request. @throws INTERNAL_SERVER_ERROR that says so. */
export function requireHonest(schema: object, value: unknown, what: string): void {
  const problem = schemaProblem(schema, value);
  if (problem !== null) throw InternalError({ message: `${what} does not fit its own schema: ${problem.field === '' ? '' : `${problem.field} `}${problem.issue}` });
}
