import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { Module, ModuleImport } from './modules.ts';

/** What the rules need to know beside the sources. */
export interface Workspace {
  /** Folder of each workspace package by its name: `@proofpix/plugin-files` → `plugins/files`. */
  packages: ReadonlyMap<string, string>;
  /** Plugin ids that a plugin's manifest depends on, by the plugin's folder. */
  dependencies: ReadonlyMap<string, readonly string[]>;
  /** Plugin id by folder. */
  pluginIds: ReadonlyMap<string, string>;
  /** Packages that production code may import: `dependencies` of the root. */
  production: ReadonlySet<string>;
}

type Layer = 'sdk-runtime' | 'sdk-tools' | 'example' | 'plugin' | 'kernel' | 'config' | 'test';

interface Target {
  layer: Layer | 'package' | 'node';
  /** File or folder within the repository, or the package's name. */
  place: string;
}

/** Tests, what only tests use, and programs that boot the whole. They may import anything. */
function isTest(file: string): boolean {
  return file.startsWith('test/') || /\.test\.ts$|\/test\/|\/fixtures\/|\/test-[^/]+\.ts$/.test(file) || (/\/testing\//.test(file) && !file.startsWith('sdk/testing/'));
}

export function layerOf(file: string): Layer {
  if (isTest(file)) return 'test';
  if (file.startsWith('sdk/examples/')) return 'example';
  if (/^sdk\/(cli|packaging|testing)\//.test(file)) return 'sdk-tools';
  if (file.startsWith('sdk/')) return 'sdk-runtime';
  if (file.startsWith('plugins/') || file.startsWith('marketplace/')) return 'plugin';
  return file.startsWith('config/') ? 'config' : 'kernel';
}

/** `plugins/files` of `plugins/files/routes/get.ts`. */
function pluginFolder(file: string): string {
  const steps = file.split('/');
  return steps[0] === 'marketplace' ? 'marketplace' : steps.slice(0, steps[0] === 'sdk' ? 3 : 2).join('/');
}

function targetOf(file: string, specifier: string, workspace: Workspace): Target {
  if (isBuiltin(specifier)) return { layer: 'node', place: specifier };
  if (specifier.startsWith('.')) {
    const place = path.posix.join(path.posix.dirname(file), specifier);
    return { layer: layerOf(place), place };
  }
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const folder = workspace.packages.get(name);
  if (folder === undefined) return { layer: 'package', place: name };
  const rest = specifier.slice(name.length + 1);
  const place = rest === '' ? `${folder}/index.ts` : `${folder}/${rest}/index.ts`;
  return { layer: layerOf(place), place: rest === '' ? folder : `${folder}/${rest}` };
}

const configReaders = new Set(['kernel/serve.ts', 'kernel/boot.ts']);

function forKernel(file: string, target: Target, { typeOnly }: ModuleImport): string | null {
  if (target.layer === 'plugin' || target.layer === 'example') return 'the kernel knows plugins by config/plugins.ts and their manifests only';
  if (target.layer === 'config' && !typeOnly && !configReaders.has(file)) return 'only the entry point reads the configuration; hand values on';
  return target.layer === 'test' ? 'production code does not import test code' : null;
}

function forPlugin(file: string, target: Target, workspace: Workspace): string | null {
  const own = pluginFolder(file);
  if (target.layer === 'node' || target.layer === 'package') return null;
  if (target.place.startsWith(`${own}/`)) return target.layer === 'test' ? 'production code does not import test code' : null;
  if (target.layer === 'sdk-runtime') return target.place === 'sdk' ? null : 'plugins import the SDK by its main entry';
  if (target.layer === 'sdk-tools') return own === 'marketplace' && target.place === 'sdk/packaging' ? null : 'plugins import the SDK by its main entry';
  if (target.layer !== 'plugin') return `plugins do not import ${target.layer} code`;
  const other = pluginFolder(target.place);
  if (target.place !== `${other}/contract`) return 'of another plugin only the contract may be imported';
  const declared = workspace.dependencies.get(own)?.includes(workspace.pluginIds.get(other) ?? '') === true;
  return declared ? null : `the manifest does not declare the dependency ${workspace.pluginIds.get(other) ?? other}`;
}

function forSdk(layer: Layer, target: Target): string | null {
  if (layer === 'sdk-runtime') {
    if (target.layer === 'sdk-runtime' || (target.layer === 'package' && target.place === 'typebox')) return null;
    return 'the SDK’s runtime imports nothing but typebox';
  }
  return ['sdk-runtime', 'sdk-tools', 'package', 'node'].includes(target.layer) ? null : `the SDK does not import ${target.layer} code`;
}

function forExample(file: string, target: Target): string | null {
  if (target.place === 'sdk' || target.place.startsWith(`${pluginFolder(file)}/`)) return null;
  return 'a third-party plugin imports the SDK and its own files only';
}

function problemOf(module: Module, one: ModuleImport, workspace: Workspace): string | null {
  const layer = layerOf(module.file);
  if (layer === 'test') return null;
  const target = targetOf(module.file, one.specifier, workspace);
  if (target.layer === 'package' && layer !== 'sdk-runtime' && layer !== 'example' && !workspace.production.has(target.place)) return 'production code imports packages listed under dependencies only';
  if (layer === 'kernel') return forKernel(module.file, target, one);
  if (layer === 'plugin') return forPlugin(module.file, target, workspace);
  if (layer === 'example') return forExample(module.file, target);
  if (layer === 'config') return target.layer === 'kernel' || target.layer === 'plugin' ? `the configuration does not import ${target.layer} code` : null;
  return forSdk(layer, target);
}

/** Every import that points the wrong way, as `file imports specifier: why`. */
export function violations(modules: readonly Module[], workspace: Workspace): string[] {
  return modules.flatMap((module) =>
    module.imports.flatMap((one) => {
      const problem = problemOf(module, one, workspace);
      return problem === null ? [] : [`${module.file} imports ${one.specifier}: ${problem}`];
    }),
  );
}
