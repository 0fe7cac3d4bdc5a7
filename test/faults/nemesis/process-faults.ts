/** What the nemesis does to the processes of a system on Kafka and MongoDB, and to processors' transactions on their way. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Child } from '../system/child.ts';
import type { Member, Parts } from '../system/kafka-mongo.ts';
import type { Middle } from '../system/kafka-ways.ts';
import type { Fault } from '../system/system.ts';

const POINTS = ['before-add-partitions', 'before-produce', 'after-produce', 'before-commit', 'after-commit'];
/** A processor at work does several steps a second. */
const END_TXN_WITHIN_MS = 10_000;
/** From its start on. */
const STANDS_STILL_WITHIN_MS = 30_000;
const AT_WORK_WITHIN_MS = 30_000;
/** The engine gives a transaction up after ten seconds. */
const LONGEST_TRANSACTION_MS = 9000;
/** The engine's session timeout, after which a member's partitions go to another. */
export const SESSION_MS = 10_000;

export function processFaults(parts: Parts): readonly Fault[] {
  const gateways = parts.gateways.map(({ child }) => child);
  const projectors = parts.projectors.map(({ child }) => child);
  const [first, second, extra] = parts.processors;
  if (first === undefined || second === undefined || extra === undefined)
    throw new Error('three processors are needed');
  return [
    ...[first, second].flatMap((processor) => processorFaults(processor)),
    ...projectors.map((child) => killed('projector', child, 5)),
    ...gateways.map((child) => killed('gateway', child, 4)),
    ...gateways.map((child) => drained('gateway', child)),
    ...gateways.map((child) => paused(child, 1, (random) => random.int(1000, 8000))),
    ...projectors.map((child) => paused(child, 2, pastSession, 'past its session')),
    scaledOutAndIn(extra.child),
    scaledInBehindTheirBacks(extra.child, [first, second]),
  ];
}

function processorFaults({ child, kafka }: Member): readonly Fault[] {
  const of = child.name;
  return [
    killed('processor', child, 3),
    drained('processor', child),
    paused(child, 2, pastSession, 'past its session'),
    {
      kind: 'processor stopped in mid-step past its session, SIGCONT',
      weight: 4,
      of,
      async strike(random) {
        await child.end('SIGKILL');
        const point = random.pick(POINTS);
        child.start({ COUNTERFOIL_FAILPOINTS: `${point}:stop:0.05` });
        const deadline = Date.now() + STANDS_STILL_WITHIN_MS;
        while (!(await child.standsStill()) && Date.now() < deadline) await pause(200);
        const stood = await child.standsStill();
        const ms = pastSession(random);
        if (stood) await pause(ms);
        child.signal('SIGCONT');
        // It would only stop again: the next one is started without.
        await pause(1000);
        await child.end('SIGKILL');
        child.start();
        return `${child.name}, ${point}, ${stood ? `${ms} ms` : 'did not come to it'}`;
      },
    },
    {
      kind: 'processor started with a failpoint',
      weight: 8,
      of,
      async strike(random) {
        await child.end('SIGKILL');
        const point = random.pick(POINTS);
        child.start({ COUNTERFOIL_FAILPOINTS: `${point}:kill:0.02` });
        return `${child.name}, ${point}`;
      },
    },
    {
      kind: 'processor kill -9 during EndTxn',
      weight: 5,
      of,
      async strike(random) {
        const forwarded = random.chance(0.5);
        let ended: Promise<unknown> | undefined;
        const asked = (forward: () => void) => {
          if (forwarded) forward();
          ended = child.end('SIGKILL');
        };
        const struck = await kafka.strikeEndTxn({ asked }, END_TXN_WITHIN_MS);
        await ended;
        child.start();
        return `${child.name}, ${struck ? `EndTxn ${forwarded ? 'had' : 'had not'} reached the broker` : 'none was asked for'}`;
      },
    },
    {
      kind: 'EndTxn lost on its way',
      weight: 3,
      of,
      async strike() {
        const struck = await kafka.strikeEndTxn({ asked: () => undefined }, END_TXN_WITHIN_MS);
        return `${child.name}${struck ? '' : ', none was asked for'}`;
      },
    },
    {
      kind: 'processor whose steps fail at a failpoint',
      weight: 4,
      of,
      async strike(random) {
        await child.end('SIGKILL');
        const point = random.pick(POINTS);
        child.start({ COUNTERFOIL_FAILPOINTS: `${point}:error:0.1` });
        await child.untilReady(AT_WORK_WITHIN_MS).catch(() => undefined);
        await pause(random.int(4000, 12_000));
        return `${child.name}, ${point}`;
      },
    },
    {
      kind: "EndTxn's answer dropped",
      weight: 4,
      of,
      async strike() {
        const struck = await kafka.strikeEndTxn({ drop: true }, END_TXN_WITHIN_MS);
        return `${child.name}${struck ? '' : ', none was asked for'}`;
      },
    },
    {
      kind: "EndTxn's answer delayed",
      weight: 4,
      of,
      async strike(random) {
        const delayMs = random.int(500, 15_000);
        const struck = await kafka.strikeEndTxn({ delayMs }, END_TXN_WITHIN_MS);
        return `${child.name}, ${struck ? `${delayMs} ms` : 'none was asked for'}`;
      },
    },
  ];
}

const pastSession = (random: Random) => random.int(SESSION_MS + 1000, SESSION_MS + 6000);

function killed(role: string, child: Child, weight: number): Fault {
  return {
    kind: `${role} kill -9`,
    weight,
    of: child.name,
    async strike(random) {
      await child.end('SIGKILL');
      await pause(random.int(0, 2000));
      child.start();
      return child.name;
    },
  };
}

function drained(role: string, child: Child): Fault {
  return {
    kind: `${role} SIGTERM and start`,
    weight: 1,
    of: child.name,
    async strike() {
      await child.end('SIGTERM');
      child.start();
      return child.name;
    },
  };
}

function paused(child: Child, weight: number, msOf: (random: Random) => number, how = ''): Fault {
  const [role = ''] = child.name.split('-');
  return {
    kind: `${role} SIGSTOP${how && ` ${how}`}, SIGCONT`,
    weight,
    of: child.name,
    async strike(random) {
      const ms = msOf(random);
      child.signal('SIGSTOP');
      await pause(ms);
      child.signal('SIGCONT');
      return `${child.name}, ${ms} ms`;
    },
  };
}

function scaledOutAndIn(child: Child): Fault {
  return {
    kind: 'scale-out, scale-in',
    weight: 3,
    of: child.name,
    async strike(random) {
      child.start();
      await pause(random.int(5000, 15_000));
      await child.end('SIGTERM');
      return child.name;
    },
  };
}

/** Partitions change hands while transactions of those who had them are in their middle, and go on when they have a new owner. */
function scaledInBehindTheirBacks(child: Child, others: readonly Member[]): Fault {
  return {
    kind: 'scale-in while transactions are held up',
    weight: 3,
    of: child.name,
    async strike(random) {
      child.start();
      await child.untilReady(AT_WORK_WITHIN_MS).catch(() => undefined);
      const ms = random.int(4000, LONGEST_TRANSACTION_MS);
      const middle = random.pick<Middle>(['before its records', 'before its end']);
      const holding = Promise.all(others.map(({ kafka }) => kafka.holdUpTransactions(middle, ms)));
      await child.end('SIGTERM');
      const held = await holding;
      return `${held.reduce((sum, each) => sum + each, 0)} requests, each ${middle}, for ${ms} ms`;
    },
  };
}
