import path from 'node:path';
import { isError } from '../../errors.ts';
import type { Manifest } from '../../manifest.ts';
import { manifestIssues, type ManifestIssue, readPackage } from '../../packaging/index.ts';
import { describeCapability } from '../../runtime/capabilities.ts';
import { bundlePlugin } from '../bundle.ts';
import { type Command, UsageError } from '../command.ts';
import { evaluateManifest } from '../evaluate.ts';
import { isFolder, readInput } from '../files.ts';
import { findEntry } from '../plugin-folder.ts';

/** The manifest of a folder's plugin, of a package, or of a JSON file. */
async function manifestOf(cwd: string, target: string, entry: string | undefined): Promise<unknown> {
  const file = path.resolve(cwd, target);
  if (await isFolder(file)) return evaluateManifest((await bundlePlugin({ entry: await findEntry(file, entry) })).code);
  const content = await readInput(cwd, target);
  if (target.endsWith('.ppx')) return (await readPackage(content)).manifest;
  try {
    return JSON.parse(content.toString());
  } catch (cause) {
    throw UsageError({ message: `${target} is not JSON.`, cause });
  }
}

const issueLine = ({ path: pointer, issue }: ManifestIssue): string => `  ${pointer === '' ? '(the manifest)' : pointer}: ${issue}`;

export const validate: Command = {
  name: 'validate',
  summary: 'check a manifest: of a folder, a package or a JSON file',
  usage: '[<folder> | <package> | <manifest.json>] [--entry <file>]',
  options: { entry: { type: 'string' } },
  maxPositionals: 1,
  async run({ cwd, positionals, options }) {
    const target = positionals[0] ?? '.';
    const manifest = await manifestOf(cwd, target, options.entry as string | undefined);
    const issues = manifestIssues(manifest);
    if (issues.length > 0) return { ok: false, lines: [`${target}: ${issues.length} ${issues.length === 1 ? 'thing is' : 'things are'} wrong`, ...issues.map(issueLine)], data: { issues } };
    const { id, version, capabilities } = manifest as Manifest;
    const asks = capabilities.map((capability) => `  ${capability}: ${describeCapability(capability)}`);
    return { ok: true, lines: [`${id} ${version} is in order`, ...(asks.length === 0 ? ['It asks for nothing.'] : ['A tenant will be asked for:', ...asks])], data: { id, version, capabilities } };
  },
};

/** Bundling errors carry several problems; people want all of them. */
export function problemsOf(error: unknown): string[] {
  if (!isError(error, 'BUNDLE_FAILED') && !isError(error, 'MANIFEST_INVALID')) return [];
  const { problems = [], issues = [] } = ((error as { details?: unknown }).details ?? {}) as { problems?: string[]; issues?: ManifestIssue[] };
  return [...problems.map((problem) => `  ${problem}`), ...issues.map(issueLine)];
}
