import { defineService, Type, type Static } from '@proofpix/sdk';

const closed = { additionalProperties: false };

/** `not-scanned`: `reason` says why. */
export const ScanVerdict = Type.Object(
  {
    verdict: Type.Enum(['clean', 'infected', 'not-scanned']),
    /** Name of what was found, as the scanner calls it; null unless infected. */
    signature: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
    /** `NO_SCANNER` (none is configured), `TOO_LARGE` (for the scanner) or `CONFINED` (the call may leave no trace, and a scanner keeps temporary files); null when it was scanned. */
    reason: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
    /** Engine and version of its signatures; null when it was not scanned. */
    engine: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
  },
  closed,
);
export type ScanVerdict = Static<typeof ScanVerdict>;

/**
 * Malware scanning by ClamAV's clamd (INSTREAM), when the operator has one. `file` is a handle shared by the caller.
 *
 * Errors: SCANNER_UNAVAILABLE (one is configured and does not answer: try again), DEADLINE_EXCEEDED.
 */
export const scannerMalware = defineService({
  id: 'scanner.malware',
  version: '1.0.0',
  methods: {
    scan: { input: Type.Object({ file: Type.String({ minLength: 1, maxLength: 1024 }) }, closed), output: ScanVerdict, idempotent: true },
    /** Whether there is a scanner, and which; `engine` is null without one and while it does not answer. */
    status: { input: Type.Object({}, closed), output: Type.Object({ configured: Type.Boolean(), engine: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]) }, closed), idempotent: true },
  },
});
