import { ValidationError, type PluginError } from '@proofpix/sdk';

/** The part of an Ajv error that is used here. */
export interface SchemaFault {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
  message?: string | undefined;
}

const contextNames: Readonly<Record<string, string>> = { querystring: 'query' };

/** Turns a JSON Pointer (RFC 6901) into `body.items[0].name`. */
function fieldPath(context: string, pointer: string, leaf: string | undefined): string {
  let path = contextNames[context] ?? context;
  const segments = pointer === '' ? [] : pointer.slice(1).split('/').map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (leaf !== undefined) segments.push(leaf);
  for (const segment of segments) path += /^\d+$/.test(segment) ? `[${segment}]` : `.${segment}`;
  return path.slice(0, 300);
}

function issueOf(fault: SchemaFault): string {
  switch (fault.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a known field';
    case 'enum':
      return `must be one of ${JSON.stringify(fault.params['allowedValues'])}`.slice(0, 500);
    case 'const':
      return `must be ${JSON.stringify(fault.params['allowedValue'])}`.slice(0, 500);
    default:
      return (fault.message ?? 'is not valid').slice(0, 500);
  }
}

/** The public error of a schema violation: `details.field` and `details.issue`. */
export function validationError(context: string, fault: SchemaFault): PluginError {
  const leaf = fault.params['missingProperty'] ?? fault.params['additionalProperty'] ?? fault.params['unevaluatedProperty'];
  const field = fieldPath(context, fault.instancePath, typeof leaf === 'string' ? leaf : undefined);
  return invalid(field, issueOf(fault));
}

/** A VALIDATION_ERROR for one field. */
export const invalid = (field: string, issue: string): PluginError => ValidationError({ message: `${field} ${issue}.`, details: { field, issue } });
