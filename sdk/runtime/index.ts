/** The wire under `ctx`, for runtimes and tools; plugins never import it. */
export * from './port.ts';
export { createContext } from './create-context.ts';
export { dispatch } from './dispatch.ts';
export { fromBase64, toBase64, fromHex, toHex, toBytes } from './encoding.ts';
export { chunkBytes } from './streams.ts';
export { checkJson, maxJsonDepth } from './check-json.ts';
export { confinedHostCalls, confinedRefusal, platformCode } from './confinement.ts';
export { capabilityMissing, capabilityProblem, describeCapability, grantsOf, type Grants } from './capabilities.ts';
