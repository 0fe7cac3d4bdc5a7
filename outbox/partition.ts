/** The one writer of a partition's lanes: decides notes, and has a sender run for as long as the partition is its own. */
import type { LogRecord, PartitionProcess, Step } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { deadLetter } from '../records/dead-letter.ts';
import { readNote } from '../records/delivery-record.ts';
import { type DeliveryResult, Lanes } from './lanes.ts';
import { Sender, type SenderOptions } from './sender.ts';

export interface OutboxObserver {
  /** Counted once committed. */
  settled?(result: DeliveryResult): void;
  dead?(topic: string, reason: string, record: LogRecord): void;
}

export interface PartitionOptions extends Omit<SenderOptions, 'lanes'> {
  readonly partition: number;
  readonly observer?: OutboxObserver | undefined;
  /** The senders that run, for who wakes them. */
  readonly senders: Set<Sender>;
}

export function openPartition({ partition, observer, senders, ...options }: PartitionOptions): PartitionProcess {
  const lanes = new Lanes(partition);
  const sender = new Sender({ ...options, lanes });
  return {
    restore(record) {
      try {
        lanes.restore(record);
      } catch (error) {
        // Written by somebody else: what it stands for is taken up, or tried, again.
        if (!(error instanceof UnreadableRecord)) throw error;
      }
    },
    restored() {
      lanes.restored();
      senders.add(sender);
      sender.wake();
    },
    step(batch): Step {
      const at = new Date().toISOString();
      const draft = lanes.draft();
      const dead: { readonly record: LogRecord; readonly reason: string }[] = [];
      for (const record of batch) {
        try {
          draft.take(readNote(record));
        } catch (error) {
          if (!(error instanceof UnreadableRecord)) throw error;
          dead.push({ record, reason: error.message });
        }
      }
      return {
        records: [...draft.records(at), ...dead.map(({ record, reason }) => deadLetter(record, reason, at, false))],
        committed() {
          lanes.accept(draft);
          for (const result of draft.results) observer?.settled?.(result);
          for (const { record, reason } of dead) observer?.dead?.(record.topic, reason, record);
          sender.changed();
        },
      };
    },
    close() {
      sender.stop();
      senders.delete(sender);
    },
  };
}
