import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Which client addresses the deployment talks to. */
export interface AddressList {
  admits(address: string): boolean;
}

function parseRange(text: string): Range {
  const trimmed = text.trim();
  try {
    if (trimmed.includes('/')) {
      const [address, bits] = ipaddr.parseCIDR(trimmed);
      // ::ffff:10.0.0.0/104 is 10.0.0.0/8
      return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96 ? [address.toIPv4Address(), bits - 96] : [address, bits];
    }
    if (!ipaddr.IPv4.isValidFourPartDecimal(trimmed) && !ipaddr.IPv6.isValid(trimmed)) throw new Error('no address');
    const address = ipaddr.process(trimmed);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`"${trimmed}" is not an IP address or CIDR range`);
  }
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const zone = text.indexOf('%');
  const bare = zone === -1 ? text : text.slice(0, zone);
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

const within = (address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean => ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));

/**
 * Deny wins over allow; an empty allow list allows every address that is not denied. IPv4-mapped
 * IPv6 addresses count as IPv4. With any list, an address that cannot be read is refused.
 *
 * @throws Error naming the entry that is neither an address nor a CIDR range
 */
export function createAddressList(lists: { allow: readonly string[]; deny: readonly string[] }): AddressList {
  const allow = lists.allow.map(parseRange);
  const deny = lists.deny.map(parseRange);
  if (allow.length === 0 && deny.length === 0) return { admits: () => true };
  return {
    admits(text) {
      const address = parseAddress(text);
      if (address === null) return false;
      return !within(address, deny) && (allow.length === 0 || within(address, allow));
    },
  };
}
