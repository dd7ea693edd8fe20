import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler, FastifySchema } from 'fastify';
import type { SchemaFault } from './errors/validation-error.ts';

/** An Ajv validator: after a false, `errors` says why. */
export type Check = ((data: unknown) => boolean) & { errors?: SchemaFault[] | null };
type RegExpEngine = NonNullable<NonNullable<Options['code']>['regExp']>;

const shared: Options = { strict: false, allErrors: false, useDefaults: true, removeAdditional: false, validateFormats: true, addUsedSchema: false, ownProperties: true, logger: false };

function lazyAjv(options: Options): () => Ajv2020 {
  let ajv: Ajv2020 | null = null;
  return () => {
    if (ajv === null) {
      ajv = new Ajv2020(options);
      // a package of CommonJS days: its types say module, Node gives the function
      (formats as unknown as (instance: Ajv2020) => void)(ajv);
    }
    return ajv;
  };
}

/**
 * Validators of one instance. Text (path, query, headers, form fields) is coerced to the schema's
 * types; JSON is taken as it is. Unknown fields are refused where the schema is closed, never dropped.
 * A schema is compiled when it is first used, so that enabling a plugin does not wait for code that
 * may never run.
 */
export function createValidators(options: { regExp?: RegExpEngine } = {}): FastifySchemaCompiler<FastifySchema> {
  const code = options.regExp === undefined ? {} : { code: { regExp: options.regExp } };
  const strict = lazyAjv({ ...shared, ...code, coerceTypes: false });
  const text = lazyAjv({ ...shared, ...code, coerceTypes: 'array' });
  return ({ schema, httpPart }) => compileLazily(schema as object, httpPart === 'body' ? strict : text) as ReturnType<FastifySchemaCompiler<FastifySchema>>;
}

/** For the text fields of a form. */
export function createTextValidator(schema: object, regExp: RegExpEngine): Check {
  return compileLazily(schema, lazyAjv({ ...shared, code: { regExp }, coerceTypes: 'array' }));
}

function compileLazily(schema: object, ajv: () => Ajv2020): Check {
  let compiled: Check | null = null;
  const check: Check = (data) => {
    compiled ??= ajv().compile(schema) as Check;
    const valid = compiled(data);
    if (!valid) check.errors = compiled.errors ?? null;
    return valid;
  };
  return check;
}
