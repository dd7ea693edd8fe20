import type { Warning } from '@proofpix/plugin-parsers/contract';

const most = 20;

/** Once each code, and as many as a result may have. */
export function withWarning(warnings: readonly Warning[], code: string, message: string): Warning[] {
  return warnings.length >= most || warnings.some((warning) => warning.code === code) ? [...warnings] : [...warnings, { code, message }];
}
