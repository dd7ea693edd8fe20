import { Compile } from 'typebox/compile';
import { Manifest } from '../manifest.ts';
import { checkJson } from '../runtime/check-json.ts';
import { ManifestInvalid } from './errors.ts';
import { manifestRules } from './manifest-rules.ts';

/** One thing that is wrong with a manifest. */
export interface ManifestIssue {
  /** JSON pointer (RFC 6901) into the manifest; empty for the whole. */
  path: string;
  issue: string;
}

const compile = () => Compile(Manifest);
let compiled: ReturnType<typeof compile> | null = null;
/** Compiled when first used. */
const manifestSchema = (): ReturnType<typeof compile> => (compiled ??= compile());
const maxIssues = 50;

/** Schema errors in words: which property is missing or not known, which values are allowed. */
function schemaIssues(manifest: unknown): ManifestIssue[] {
  const issues: ManifestIssue[] = [];
  for (const error of manifestSchema().Errors(manifest)) {
    const params = error.params as { requiredProperties?: string[]; additionalProperties?: string[]; allowedValues?: unknown[] };
    // Reported once more, with the names, as additionalProperties of the object around it.
    if (error.keyword === 'boolean') continue;
    if (error.keyword === 'required') for (const name of params.requiredProperties ?? []) issues.push({ path: `${error.instancePath}/${name}`, issue: 'is missing' });
    else if (error.keyword === 'additionalProperties') for (const name of params.additionalProperties ?? []) issues.push({ path: `${error.instancePath}/${name}`, issue: 'is not part of a manifest' });
    else if (error.keyword === 'enum') issues.push({ path: error.instancePath, issue: `must be one of ${(params.allowedValues ?? []).join(', ')}` });
    else issues.push({ path: error.instancePath, issue: error.message });
    if (issues.length >= maxIssues) break;
  }
  return issues;
}

/**
 * Everything wrong with a manifest, at most 50 things: its schema first, and when that holds, what a
 * schema cannot say (semver, capabilities, references between the parts).
 */
export function manifestIssues(manifest: unknown): ManifestIssue[] {
  try {
    checkJson(manifest, 'manifest');
  } catch (error) {
    return [{ path: '', issue: (error as Error).message }];
  }
  if (!manifestSchema().Check(manifest)) return schemaIssues(manifest);
  return manifestRules(manifest).slice(0, maxIssues);
}

/**
 * A manifest that may be relied on.
 *
 * @throws MANIFEST_INVALID; `details.issues` as {@link manifestIssues} has them.
 */
export function parseManifest(manifest: unknown): Manifest {
  const issues = manifestIssues(manifest);
  const first = issues[0];
  if (first !== undefined) throw ManifestInvalid({ message: `The manifest is not valid: ${first.path === '' ? '' : `${first.path} `}${first.issue}.`, details: { issues } });
  return manifest as Manifest;
}
