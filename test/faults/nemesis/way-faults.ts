/** What the nemesis does to the ways from processes to engines: cuts, one-way cuts, delays and losses. */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../random.ts';
import type { Member, Parts } from '../system/kafka-mongo.ts';
import type { Fault } from '../system/system.ts';
import type { Direction, TcpProxy } from '../system/tcp-proxy.ts';
import { SESSION_MS } from './process-faults.ts';

const CUTS: readonly (readonly Direction[])[] = [['requests', 'answers'], ['requests'], ['answers']];

export function wayFaults({ gateways, processors, projectors, kafka, mongo }: Parts): readonly Fault[] {
  // The extra processor comes and goes with others of the faults.
  const members = [...gateways, ...processors.slice(0, 2), ...projectors];
  return [
    ...members.flatMap((member) => [
      cut('the brokers', member, member.kafka.proxies, 0.7),
      ...(kafka.nodes.length > 1 ? [cutFromOne('broker', member, member.kafka.proxies, 1)] : []),
    ]),
    // Processors have nothing to do with views.
    ...[...gateways, ...projectors].flatMap((member) => [
      cut('mongod', member, member.mongo.proxies, 0.5),
      ...(mongo.nodes.length > 1 ? [cutFromOne('mongod', member, member.mongo.proxies, 0.5)] : []),
    ]),
    bad('delays on every connection', members, (random) => ({ delayMs: random.int(5, 100), jitterMs: 200, breaks: 0 })),
    bad('losses on every connection', members, () => ({ delayMs: 0, jitterMs: 5, breaks: 0.003 })),
  ];
}

function cut(what: string, { child }: Member, proxies: readonly TcpProxy[], weight: number): Fault {
  const [role = ''] = child.name.split('-');
  return {
    kind: `${role} cut off from ${what}`,
    weight,
    of: child.name,
    strike: (random) => strikeWays(child.name, random, proxies),
  };
}

function cutFromOne(what: string, { child }: Member, proxies: readonly TcpProxy[], weight: number): Fault {
  const [role = ''] = child.name.split('-');
  return {
    kind: `${role} cut off from one ${what}`,
    weight,
    of: child.name,
    async strike(random) {
      const proxy = random.pick(proxies);
      return `number ${proxies.indexOf(proxy) + 1}, ${await strikeWays(child.name, random, [proxy])}`;
    },
  };
}

async function strikeWays(name: string, random: Random, proxies: readonly TcpProxy[]): Promise<string> {
  const directions = random.pick(CUTS);
  const ms = random.int(2000, SESSION_MS + 5000);
  for (const proxy of proxies) proxy.cut(directions);
  await pause(ms);
  for (const proxy of proxies) proxy.mend();
  return `${name}, ${directions.join(' and ')}, ${ms} ms`;
}

/** Beside whatever else strikes meanwhile. */
function bad(
  kind: string,
  members: readonly Member[],
  weatherOf: (random: Random) => { readonly delayMs: number; readonly jitterMs: number; readonly breaks: number },
): Fault {
  return {
    kind,
    weight: 3,
    of: 'every connection',
    async strike(random) {
      const weather = weatherOf(random);
      const chance = new Random(random.int(0, 1_000_000));
      const proxies = members.flatMap((member) => [...member.kafka.proxies, ...member.mongo.proxies]);
      const ms = random.int(5000, 20_000);
      for (const proxy of proxies) proxy.worsen({ ...weather, random: chance });
      await pause(ms);
      for (const proxy of proxies) proxy.clearUp();
      const { delayMs, jitterMs, breaks } = weather;
      return `${delayMs} ms and up to ${jitterMs} more, ${breaks * 1000} of 1000 break, for ${ms} ms`;
    },
  };
}
