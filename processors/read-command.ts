/** From a record to a command: everything that can make one unreadable is found here, before the domain sees it. */
import type { AggregateName, CommandMeta, Decider, Message, Versioned } from '../domain/index.ts';
import { attributesOf, dataOf, UnreadableRecord } from '../log/cloud-event.ts';
import type { LogRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';

type Catalogue = Readonly<Record<string, unknown>>;

export interface ReadCommand<C extends Catalogue> {
  readonly id: string;
  readonly command: Message<C>;
  readonly meta: CommandMeta;
  readonly traceparent: string | undefined;
}

const ID_FIELD: Readonly<Record<AggregateName, string>> = {
  customers: 'customerId',
  products: 'productId',
  purchases: 'purchaseId',
};

function isAggregate(name: string): name is AggregateName {
  return name in ID_FIELD;
}

/** @throws {UnreadableRecord} saying what is wrong with it. */
export function readCommand<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  decider: Decider<C, E, S, P>,
  record: LogRecord,
  partitions: number,
): ReadCommand<C> {
  const { id, type, subject, time, transactionid, issuedby, traceparent } = attributesOf(record);
  if (transactionid === undefined || issuedby === undefined) {
    throw new UnreadableRecord('headers: ce_transactionid and ce_issuedby are needed');
  }
  if (record.key !== subject) throw new UnreadableRecord(`key: it is not ce_subject, ${subject}`);
  if (partitionOf(subject, partitions) !== record.partition) {
    throw new UnreadableRecord(`partition: ${subject} belongs to partition ${partitionOf(subject, partitions)}`);
  }
  if (!Object.hasOwn(decider.commands, type)) throw new UnreadableRecord(`ce_type: there is no command ${type}`);
  const name: keyof C & string = type;
  const data = dataOf(record, decider.commands[name]);
  const field = isAggregate(decider.name) ? ID_FIELD[decider.name] : '';
  if (Reflect.get(Object(data), field) !== subject)
    throw new UnreadableRecord(`value: ${field} is not the record's key`);
  return {
    id: subject,
    command: { type: name, data },
    meta: { commandId: id, transactionId: transactionid, issuedBy: issuedby, at: time },
    traceparent,
  };
}
