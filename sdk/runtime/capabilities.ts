import { Forbidden, type PluginError } from '../errors.ts';

/**
 * Capabilities are strings of the manifest. What is granted is a list of them; a request is
 * allowed when one of the list covers it. Nothing is allowed by default but a plugin's own
 * collections, key-value pairs, config, secrets and events.
 */

const plainNames = ['files:read', 'files:write', 'scratch', 'db:sql', 'jobs', 'realtime', 'net:public', 'kernel:identity', 'kernel:sign-in', 'kernel:plugins', 'kernel:operations', 'kernel:mail'] as const;
const eventPattern = /^[a-z][a-z0-9-]{1,49}\.(\*|[a-z][a-z0-9.-]{0,79}\*?)$/;
const netPattern = /^net:(\*|GET|POST|PUT|PATCH|DELETE|HEAD) (https?):\/\/((?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?(\/[^\s?#]*)$/;

/** Why a capability string means nothing, or null when it is well formed. */
export function capabilityProblem(capability: string): string | null {
  if ((plainNames as readonly string[]).includes(capability)) return null;
  const [area, kind, ...rest] = capability.split(':');
  if (area === 'events' && (kind === 'emit' || kind === 'on') && eventPattern.test(rest.join(':'))) return null;
  if (area === 'hooks' && eventPattern.test([kind, ...rest].join(':'))) return null;
  if (netPattern.test(capability)) return null;
  return `"${capability}" is not a capability. Known: ${plainNames.join(', ')}, events:emit:<namespace>.*, events:on:<event>, hooks:<point>, net:<METHOD> https://host/path*`;
}

const words: Readonly<Record<(typeof plainNames)[number], string>> = {
  'files:read': 'Read files that are shared with it',
  'files:write': 'Store files',
  scratch: 'Work on content that is kept for minutes, encrypted, and then gone',
  'db:sql': 'Query its own data with SQL',
  jobs: 'Run work in the background',
  realtime: 'Send live messages to your people’s open sessions',
  'net:public': 'Connect to any public internet address',
  'kernel:identity': 'Manage users, teams and roles',
  'kernel:sign-in': 'Sign people in by their accounts elsewhere',
  'kernel:plugins': 'Manage plugins',
  'kernel:operations': 'See and change how this deployment runs',
  'kernel:mail': 'Send mail in this deployment’s name',
};

/** A capability in plain words, for the consent a tenant gives. */
export function describeCapability(capability: string): string {
  const known = words[capability as keyof typeof words];
  if (known !== undefined) return known;
  if (capability.startsWith('events:emit:')) return `Announce events named ${capability.slice(12)}`;
  if (capability.startsWith('events:on:')) return `Be told when ${capability.slice(10)} happens`;
  if (capability.startsWith('hooks:')) return `Change or refuse ${capability.slice(6)} before it happens`;
  const net = netPattern.exec(capability);
  if (net === null) return capability;
  const [, method, scheme, host, port, path] = net;
  return `Connect to ${scheme}://${host}${port === undefined ? '' : `:${port}`}${path} (${method === '*' ? 'any method' : method})`;
}

function patternCovers(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function hostCovers(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

function netCovers(capability: string, method: string, url: URL): boolean {
  const net = netPattern.exec(capability);
  if (net === null) return false;
  const [, allowedMethod, scheme, host, port, path] = net as unknown as [string, string, string, string, string | undefined, string];
  const defaultPort = scheme === 'https' ? '443' : '80';
  return (
    (allowedMethod === '*' || allowedMethod === method) &&
    url.protocol === `${scheme}:` &&
    hostCovers(host, url.hostname) &&
    (url.port === '' ? defaultPort : url.port) === (port ?? defaultPort) &&
    patternCovers(path, url.pathname)
  );
}

/** The authority a call runs with: what its plugin was granted, within what its caller may do. */
export interface Grants {
  has(capability: string): boolean;
  mayEmit(event: string): boolean;
  mayReceive(event: string): boolean;
  mayHook(point: string): boolean;
  /** `net:public` or a matching address; the address checks of the egress come on top. */
  mayFetch(method: string, url: URL): boolean;
  readonly list: readonly string[];
  /** What a callee of this call is bounded by. */
  readonly bounds: readonly string[];
}

/** Authority that a caller must have too before a callee may use it on the caller's behalf. */
function isBounded(capability: string): boolean {
  return capability.startsWith('net:') || capability.startsWith('files:') || capability.startsWith('kernel:');
}

/**
 * @param granted the plugin's own list
 * @param bounds what the initiating caller may do; null when nobody bounds the call
 */
export function grantsOf(granted: readonly string[], bounds: readonly string[] | null): Grants {
  const within = bounds === null ? null : grantsOf(bounds, null);
  const has = (capability: string): boolean => granted.includes(capability) && (within === null || !isBounded(capability) || within.has(capability));
  return {
    has,
    mayEmit: (event) => granted.some((one) => one.startsWith('events:emit:') && patternCovers(one.slice(12), event)),
    mayReceive: (event) => granted.some((one) => one.startsWith('events:on:') && patternCovers(one.slice(10), event)),
    mayHook: (point) => granted.some((one) => one.startsWith('hooks:') && patternCovers(one.slice(6), point)),
    mayFetch: (method, url) => (granted.includes('net:public') || granted.some((one) => netCovers(one, method, url))) && (within === null || within.mayFetch(method, url)),
    list: granted,
    // only calls that lead to another plugin ask
    get bounds() {
      return (bounds === null ? granted : granted.filter((one) => bounds.includes(one))).filter(isBounded);
    },
  };
}

/** FORBIDDEN that names what is missing. */
export function capabilityMissing(capability: string): PluginError {
  return Forbidden({ message: `The capability ${capability} is not granted.`, details: { capability } });
}
