import { Forbidden, NotFound, Unavailable, ValidationError, type Json, type ServiceRef } from '@proofpix/sdk';
import { confinedRefusal } from '@proofpix/sdk/runtime';
import semver from 'semver';
import type { PluginCall } from './call.ts';
import { capabilityMissing } from './capabilities.ts';
import type { Invoker } from './invoker.ts';
import { schemaProblem } from './schema-check.ts';
import type { TenantPlugins } from './tenant-plugins.ts';

/** A service of the kernel itself, behind a capability that only an operator grants. */
export interface KernelService {
  ref: ServiceRef;
  capability: string;
  methods: Readonly<Record<string, (call: PluginCall, input: never) => Promise<unknown>>>;
}

export interface ServiceCallerDeps {
  tenantPlugins: TenantPlugins;
  invoker(): Invoker;
  kernelServices: ReadonlyMap<string, KernelService>;
}

/** How long a service call may take, within its caller's deadline: a dense page takes OCR half a minute on a busy machine. */
const serviceMs = 90_000;

function check(schema: unknown, value: Json, what: string): void {
  const problem = schemaProblem(schema as object, value, what);
  if (problem !== null) throw ValidationError({ message: `${problem.field} ${problem.issue}.`, details: { ...problem } });
}

/** Answers `ctx.services`: finds the provider, checks both sides and the contract, and runs the method. */
export function serviceCaller({ tenantPlugins, invoker, kernelServices }: ServiceCallerDeps) {
  async function callKernel(call: PluginCall, service: KernelService, version: string, method: string, input: Json): Promise<Json> {
    if (!call.grants.has(service.capability)) throw capabilityMissing(service.capability);
    const contract = service.ref.methods[method];
    const run = Object.hasOwn(service.methods, method) ? service.methods[method] : undefined;
    if (contract === undefined || run === undefined || !semver.satisfies(service.ref.version, `^${version}`)) throw NotFound({ message: `There is no ${service.ref.id}.${method} ^${version}.` });
    check(contract.input, input, 'input');
    return ((await run(call, input as never)) ?? null) as Json;
  }

  return async function callService(call: PluginCall, ref: string, version: string, method: string, input: Json, confined: boolean): Promise<Json> {
    const kernelService = kernelServices.get(ref);
    if (kernelService !== undefined) {
      // what a kernel service does cannot be told by its name
      if (confined || call.provenance.confined === true) throw confinedRefusal(kernelService.capability);
      return callKernel(call, kernelService, version, method, input);
    }
    const { manifest } = call.version;
    const providerId = ref.slice(0, ref.indexOf('.'));
    if (providerId !== manifest.id && !Object.hasOwn(manifest.dependencies, providerId)) throw Forbidden({ message: `${manifest.id} does not declare a dependency on ${providerId}.`, details: { dependency: providerId } });
    const provider = tenantPlugins.get(call.tenantId, providerId);
    if (provider === null) throw Unavailable({ message: `The plugin ${providerId} is not enabled here.`, details: { dependency: providerId } });
    const provided = Object.hasOwn(provider.version.manifest.provides, ref) ? provider.version.manifest.provides[ref] : undefined;
    const contract = provided !== undefined && Object.hasOwn(provided.methods, method) ? provided.methods[method] : undefined;
    if (provided === undefined || contract === undefined || !semver.satisfies(provided.version, `^${version}`)) throw NotFound({ message: `${providerId} ${provider.version.manifest.version} provides no ${ref}.${method} ^${version}.`, details: { dependency: providerId } });
    check(contract.input, input, 'input');
    const output = await invoker().invoke({
      plugin: provider,
      tenantId: call.tenantId,
      handler: `service:${ref}.${method}`,
      input,
      principal: call.principal,
      identity: call.identity,
      provenance: { ...call.provenance, bounds: call.grants.bounds, confined: confined || call.provenance.confined === true },
      timeoutMs: Math.max(1, Math.min(serviceMs, call.deadline - Date.now())),
      signal: call.signal,
      requestId: call.requestId,
      idempotent: contract.idempotent === true,
    });
    check(contract.output, output, 'output');
    return output;
  };
}
