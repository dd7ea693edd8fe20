/** The WebAuthn library takes some 20 MB, so it is loaded when a passkey is first used. */
export const ceremonies = (): Promise<typeof import('./ceremonies.ts')> => import('./ceremonies.ts');
