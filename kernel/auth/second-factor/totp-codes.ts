import { generateSecret, generateURI, verifySync } from 'otplib';

/** Time-based one-time passwords as every app reads them: RFC 6238 with SHA-1, six digits and steps of 30 seconds. */
const periodSeconds = 30;
const secretBytes = 20;
const code = /^\d{6}$/;

/** 160 random bits in base32, the length that RFC 4226 (section 4, R6) recommends. */
export function newTotpSecret(): string {
  return generateSecret({ length: secretBytes });
}

/** What an app reads from a QR code; the label names the account, the issuer the deployment. */
export function totpUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  return generateURI({ issuer, label: account, secret });
}

/**
 * The time step whose code was given: the present one or a neighbour, for clocks and fingers that are late (RFC 6238,
 * section 5.2). Null for any other text. Spaces within the code are of no matter.
 */
export function totpStepOf(secret: string, text: string, nowMs: number): number | null {
  const token = text.replaceAll(' ', '');
  if (!code.test(token)) return null;
  const result = verifySync({ secret, token, epoch: Math.floor(nowMs / 1000), epochTolerance: periodSeconds });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}
