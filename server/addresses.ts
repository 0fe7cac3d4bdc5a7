/** Addresses as people write them in variables: lists with stray spaces and commas, IPv6 in brackets, several hosts in a URL. */
import { isIPv6 } from 'node:net';
import { compile } from '@fastify/proxy-addr';
import { ConnectionString } from 'mongodb-connection-string-url';

const MOST_PROXIES = 20;
/** First parts of paths that mean something themselves. */
const OWN_PATHS = new Set(['graphql', 'healthz', 'readyz', 'metrics', 'assets']);
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

/**
 * The proxies that are trusted: how many, or their addresses and subnets; `off`: 0.
 * @throws when it is neither
 */
export function proxiesOf(text: string): number | readonly string[] {
  if (text === 'off') return 0;
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    if (hops < 1 || hops > MOST_PROXIES) throw new Error('too many proxies, or none');
    return hops;
  }
  const addresses = entriesOf(text);
  compile([...addresses]);
  return addresses;
}

/** An origin as browsers write it: `https://shop.example`. @throws when it is none, or has a path */
export function originOf(text: string): string {
  const { protocol, host, origin } = new URL(text);
  const [, named = ''] = /^https?:\/\/([^/?#@\\]+)$/i.exec(text) ?? [];
  if (!/^https?:$/.test(protocol) || named === '' || named.includes('*') || host === '') throw new Error('no origin');
  return origin;
}

/** A path without the slash at its end: `/shop`; empty for `/`. @throws when it is none, or a path that the server has itself */
export function basePathOf(text: string): string {
  if (text === '/') return '';
  const path = text.replace(/\/$/, '');
  const segments = path.split('/').slice(1);
  const well = path.startsWith('/') && segments.every((part) => /^[\w.~-]+$/.test(part) && !/^\.+$/.test(part));
  if (!well || OWN_PATHS.has(segments[0] ?? '')) throw new Error('no path for all paths');
  return path;
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
