/** Whom passkeys are made for (WebAuthn level 3, section 4). */
export interface RelyingParty {
  /** a domain; passkeys belong to it for good */
  id: string;
  name: string;
  /** pages that may ask for one */
  origins: readonly string[];
}

export interface RelyingPartySettings {
  /** PUBLIC_URL */
  publicUrl: string | undefined;
  /** PASSKEY_DOMAIN */
  domain: string | undefined;
  /** CORS_ORIGINS */
  corsOrigins: readonly string[];
  /** PORT, for a server without a public address */
  port: number;
}

const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/**
 * From settings alone, never from a request: its Host header is the sender's choice. Origins outside of the domain are
 * left out, for browsers would refuse them and a phishing page could be one.
 *
 * @throws Error naming PASSKEY_DOMAIN
 */
export function relyingParty({ publicUrl, domain, corsOrigins, port }: RelyingPartySettings): RelyingParty {
  const url = new URL(publicUrl ?? `http://localhost:${port}`);
  const id = domain?.toLowerCase() ?? url.hostname;
  if (!isWithin(url.hostname, id)) throw new Error('PASSKEY_DOMAIN must be the host of PUBLIC_URL or a domain above it');
  const others = corsOrigins.filter((origin) => origin !== '*').map((origin) => new URL(origin));
  const origins = [url, ...others].filter(({ hostname }) => isWithin(hostname, id)).map(({ origin }) => origin);
  return { id, name: 'ProofPix', origins: [...new Set(origins)] };
}
