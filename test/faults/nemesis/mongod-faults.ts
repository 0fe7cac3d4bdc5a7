/** What the nemesis does to mongods: to a single one, and to a replica set's primary, whose place another takes. */
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../../engines/mongo.ts';
import type { Parts } from '../system/kafka-mongo.ts';
import type { Fault } from '../system/system.ts';
import { killed, stopped } from './server-faults.ts';

const OF = 'mongod';
const STEPS_DOWN_FOR_S = 20;

export function mongodFaults({ mongo: { nodes } }: Parts): readonly Fault[] {
  return [killed('mongod', nodes, OF), stopped('mongod', nodes, OF, 12_000)];
}

export function replicaSetFaults({ mongo, between }: Parts): readonly Fault[] {
  return [
    {
      kind: "replica set's primary kill -9",
      weight: 4,
      of: OF,
      async strike(random) {
        const primary = await mongo.primary();
        if (primary === undefined) return 'there was none';
        await primary.kill('SIGKILL');
        await pause(random.int(0, 8000));
        await primary.start();
        return primary.address;
      },
    },
    {
      kind: "replica set's primary steps down",
      weight: 3,
      of: OF,
      async strike() {
        const primary = await mongo.primary();
        if (primary === undefined) return 'there was none';
        const down = { replSetStepDown: STEPS_DOWN_FOR_S, secondaryCatchUpPeriodSecs: 10 };
        const done = await ask(primary.address, down).then(
          () => '',
          (error: unknown) => `, ${String(error)}`,
        );
        return `${primary.address}${done}`;
      },
    },
    {
      kind: "replica set's primary not reached by the others",
      weight: 2,
      of: OF,
      async strike(random) {
        const primary = await mongo.primary();
        if (primary === undefined) return 'there was none';
        const ms = random.int(2000, 12_000);
        between.mongods.cutOff(mongo.nodes.indexOf(primary), 'not reached');
        await pause(ms);
        between.mongods.mend();
        return `${primary.address}, ${ms} ms`;
      },
    },
  ];
}
