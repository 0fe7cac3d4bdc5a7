/** What the nemesis does to brokers: to a single one, and to one of a cluster while the others go on. */

import { setTimeout as pause } from 'node:timers/promises';
import { aggregateNames } from '../../../domain/registry.ts';
import { commandsTopic } from '../../../records/topics.ts';
import type { KafkaNode } from '../../engines/kafka.ts';
import { kafkaTool } from '../../engines/kafka-libs.ts';
import type { Random } from '../random.ts';
import type { CutOff } from '../system/between.ts';
import { leaderOf, untilInSync } from '../system/broker-state.ts';
import type { Parts } from '../system/kafka-mongo.ts';
import type { Fault } from '../system/system.ts';
import { killed, stopped } from './server-faults.ts';

const OF = 'broker';
const HOWS: readonly CutOff[] = ['both ways', 'both ways', 'not reached', 'reaches nobody'];

export function brokerFaults({ kafka: { nodes }, observer }: Parts): readonly Fault[] {
  return [killed('broker', nodes, OF, () => observer.brokerKilled()), stopped('broker', nodes, OF, 14_000)].map(
    (fault) => followed(fault, nodes),
  );
}

export function clusterFaults({ kafka, between, observer }: Parts): readonly Fault[] {
  const { nodes, brokers } = kafka;
  const nodeOf = (id: number) => nodes.find((node) => node.id === id);
  const killLeader = async (random: Random, topic: string): Promise<string> => {
    const { leader, partition } = await leaderOf(brokers, topic, random);
    const node = nodeOf(leader);
    if (node === undefined) return `${topic}/${partition} has no leader`;
    observer.brokerKilled();
    await node.kill('SIGKILL');
    await pause(random.int(0, 12_000));
    await node.start();
    return `broker ${leader}, which led ${topic}/${partition}`;
  };
  const faults: Fault[] = [
    {
      kind: "commands' leader kill -9",
      weight: 4,
      of: OF,
      strike: (random) => killLeader(random, commandsTopic(random.pick(aggregateNames))),
    },
    {
      kind: "transactions' coordinator kill -9",
      weight: 4,
      of: OF,
      strike: (random) => killLeader(random, '__transaction_state'),
    },
    {
      kind: 'brokers restarted one after another',
      weight: 2,
      of: OF,
      async strike() {
        for (const node of nodes) {
          await node.kill('SIGTERM');
          await node.start();
          await untilInSync(brokers);
        }
        return '';
      },
    },
    {
      kind: 'preferred leaders elected',
      weight: 3,
      of: OF,
      async strike() {
        const tool = 'org.apache.kafka.tools.LeaderElectionCommand';
        const what = ['--election-type', 'preferred', '--all-topic-partitions'];
        try {
          const said = await kafkaTool(tool, ['--bootstrap-server', brokers.join(), ...what]);
          return said.startsWith('Success') ? 'some moved' : 'none had to move';
        } catch {
          // While the brokers recover from another fault the tool's patience can end first; leaders move or do not.
          return 'asked for, without an answer in time';
        }
      },
    },
    {
      kind: 'broker cut off from the others',
      weight: 4,
      of: OF,
      async strike(random) {
        const { id } = random.pick(nodes);
        const how = random.pick(HOWS);
        const ms = random.int(3000, 20_000);
        between.brokers.cutOff(id, how);
        await pause(ms);
        between.brokers.mend();
        return `broker ${id}, ${how}, ${ms} ms`;
      },
    },
  ];
  return faults.map((fault) => followed(fault, nodes));
}

/** No broker is struck before the last one has caught up: two that are behind are one more than a cluster of three bears. */
function followed(fault: Fault, nodes: readonly KafkaNode[]): Fault {
  if (nodes.length === 1) return fault;
  return {
    ...fault,
    async strike(random) {
      const did = await fault.strike(random);
      await untilInSync(nodes.map(({ address }) => address));
      return did;
    },
  };
}
