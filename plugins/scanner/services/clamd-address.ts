/** As `net.connect` takes it. */
export type ClamdAddress = { host: string; port: number } | { path: string };

/** @param url `tcp://host:port` (IPv6 in brackets) or `unix:///path`; anything else is null */
export function clamdAddress(url: string): ClamdAddress | null {
  const [, path] = /^unix:\/\/(\/\S+)$/.exec(url) ?? [];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s]+):(\d{1,5})$/.exec(url) ?? [];
  return host === undefined || port === undefined ? null : { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}
