/** Addresses as people write them in variables: lists with stray spaces and commas, IPv6 in brackets, several hosts in a URL. */
import { isIPv6 } from 'node:net';
import { ConnectionString } from 'mongodb-connection-string-url';

const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?$/;

/** The entries between commas, each once, without the spaces around them; a comma too many is none. */
export function entriesOf(list: string): readonly string[] {
  return [...new Set(list.split(',').map((part) => part.trim()))].filter((part) => part !== '');
}

/** Whether it is `host:port`, the host a name, an IPv4 address, or an IPv6 address in brackets. */
export function isHostAndPort(text: string): boolean {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  return isHost(host) && Number(port) >= 1 && Number(port) <= 65_535;
}

/**
 * A connection string of MongoDB for the driver, with its list of hosts made tidy.
 * @throws when it is none, or one of its hosts cannot be reached for how it is written
 */
export function mongoUrlOf(text: string): string {
  const url = new ConnectionString(text);
  if (url.isSRV) return text;
  const hosts = entriesOf(url.hosts.join(','));
  const wrong = hosts.find((host) => !isHost(host) && !isHostAndPort(host) && !isSocket(host));
  if (hosts.length === 0 || wrong !== undefined) throw new Error('a host is neither host nor host:port');
  if (hosts.join() === url.hosts.join()) return text;
  url.hosts = [...hosts];
  return url.toString();
}

/** Whether only this machine reaches a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  if (/^(localhost|127(\.\d{1,3}){3})$/.test(host)) return true;
  // The URL parser writes every form of an IPv6 address in the same way.
  return (
    isIPv6(host) &&
    !host.includes('%') &&
    /^\[::(1|ffff:7f[\da-f]{2}:[\da-f]{1,4})\]$/.test(new URL(`http://[${host}]`).hostname)
  );
}

function isHost(host: string): boolean {
  const [, address] = /^\[(.+)\]$/.exec(host) ?? [];
  return address === undefined ? HOST_NAME.test(host) : isIPv6(address);
}

/** A Unix socket's path, percent-encoded as connection strings have it. */
function isSocket(host: string): boolean {
  return host.toLowerCase().endsWith('.sock');
}
