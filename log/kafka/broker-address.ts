/**
 * Brokers' addresses on their way through kafkajs, which takes the first colon of a seed broker for the one before its port
 * (connectionPoolBuilder.js). An IPv6 address is given to it without colons, and read back where the socket is opened.
 * Addresses that brokers tell of themselves do not come this way and have no brackets.
 */

/** `[::1]:9092` as kafkajs can split it; any other `host:port` as it is. */
export function seedOf(broker: string): string {
  const [, address, port] = /^\[(.+)\]:(\d+)$/.exec(broker) ?? [];
  return address === undefined ? broker : `[${address.replaceAll(':', '_')}]:${port}`;
}

/** The host to connect to, for a host that kafkajs took from a seed or from a broker's answer. */
export function hostOf(host: string): string {
  const [, address] = /^\[(.+)\]$/.exec(host) ?? [];
  return address === undefined ? host : address.replaceAll('_', ':');
}
