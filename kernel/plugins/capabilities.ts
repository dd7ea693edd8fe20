/** The kernel judges capabilities by the same code as the SDK's testing harness and command. */
export { capabilityMissing, capabilityProblem, describeCapability, grantsOf, type Grants } from '@proofpix/sdk/runtime';
