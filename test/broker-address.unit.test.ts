/** IPv6 brokers through kafkajs: the seed that is configured is the address that a socket is opened to. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { hostOf, seedOf } from '../log/kafka/broker-address.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';

describe('a broker with an IPv6 address', () => {
  it.each(['::1', 'fe80::1', '2001:db8::a:0:1', '::ffff:10.0.0.1'])('%s comes back as it was', (address) => {
    const seed = seedOf(`[${address}]:9092`);
    // As kafkajs does it.
    const [host = '', port] = seed.split(':');
    expect(hostOf(host)).toBe(address);
    expect(port).toBe('9092');
  });

  it('leaves names, IPv4 addresses and what brokers tell of themselves alone', () => {
    for (const broker of ['kafka_1:9092', '10.0.0.1:9092']) expect(seedOf(broker)).toBe(broker);
    for (const host of ['kafka_1', '10.0.0.1', '::1']) expect(hostOf(host)).toBe(host);
  });

  it('is connected to', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '::1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const connected = once(server, 'connection');
    const log = openKafkaLog({ brokers: [`[::1]:${port}`], partitions: 1 });
    const asked = log.ends(['any']).catch(() => undefined);
    await connected;
    await log.close();
    await asked;
    server.close();
  });
});
