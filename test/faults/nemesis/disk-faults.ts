/** Full disks: of a broker and of a mongod, each of which may end itself for it, and is started again when there is room. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerForTests } from '../../engines/server-process.ts';
import { untilInSync } from '../system/broker-state.ts';
import { fillDisk, freeDisk } from '../system/full-disk.ts';
import type { Parts } from '../system/kafka-mongo.ts';
import type { Fault } from '../system/system.ts';

interface OnDisk extends ServerForTests {
  readonly data: string;
}

export function diskFaults({ kafka, mongo }: Parts): readonly Fault[] {
  const full = (what: string, nodes: readonly OnDisk[], after: () => Promise<void>): Fault => ({
    kind: `${what}'s disk full`,
    weight: 2,
    of: what,
    async strike(random) {
      const node = random.pick(nodes);
      const leftMb = random.int(0, 3);
      await fillDisk(node.data, leftMb);
      await pause(random.int(4000, 12_000));
      const ended = !node.running;
      await freeDisk(node.data);
      // Whoever noticed that its disk was full may have put it out of use without ending.
      await node.kill('SIGKILL');
      await node.start();
      await after();
      return `number ${nodes.indexOf(node) + 1}, ${leftMb} MB left, ${ended ? 'it ended' : 'it went on, and was killed'}`;
    },
  });
  return [
    full('broker', kafka.nodes, () => (kafka.nodes.length > 1 ? untilInSync(kafka.brokers) : Promise.resolve())),
    full('mongod', mongo.nodes, () => Promise.resolve()),
  ];
}
