/** Whether a system is at rest: all commands have been handled, and no record waits to be settled by somebody. */
import type { EventLog } from '../log/event-log.ts';
import { commandsLeft } from '../processors/commands-left.ts';
import { deciders } from '../processors/index.ts';
import { deadTopic, TOPICS_WITH_DEAD } from '../records/topics.ts';
import { CopyRefused } from './copy-refused.ts';
import { mustBeDelivered } from './lanes.ts';
import { newestOffsets } from './newest.ts';

/** @throws {CopyRefused} when it is not */
export async function mustBeAtRest(log: EventLog, signal?: AbortSignal): Promise<void> {
  await mustBeHandled(log, signal);
  await mustBeSettled(log, signal);
  await mustBeDelivered(log, signal);
}

async function mustBeHandled(log: EventLog, signal: AbortSignal | undefined): Promise<void> {
  for (const decider of deciders) {
    for await (const [command] of commandsLeft(log, decider)) {
      signal?.throwIfAborted();
      if (command === undefined) continue;
      throw new CopyRefused(
        `partition ${command.partition} of ${command.topic} holds commands that are not decided yet, from offset ${command.offset} on: ` +
          'let a processor decide them (start one without a gateway), and try again when its lag is 0',
      );
    }
  }
}

async function mustBeSettled(log: EventLog, signal: AbortSignal | undefined): Promise<void> {
  for (const topic of TOPICS_WITH_DEAD) {
    for (const { partition } of await log.ends([deadTopic(topic)])) {
      signal?.throwIfAborted();
      const open = await newestOffsets(log, { topic: deadTopic(topic), partition }, signal);
      const [key] = open.keys();
      if (key === undefined) continue;
      throw new CopyRefused(
        `${topic} has dead letters that are not settled, such as ${key}, and they name places of this log: ` +
          'settle them with `counterfoil dead`, and try again',
      );
    }
  }
}
