/**
 * One step of an aggregate's processor: decides each command of a batch against a draft of the memory, and gathers the records
 * that the step writes. Nothing of it is known to the memory before the step is committed.
 */
import {
  type Aggregate,
  type AggregateName,
  type Catalogue,
  decide,
  type FollowUp,
  isRejection,
  type Message,
  type ProgressStep,
  type Rejection,
  type Versioned,
} from '../domain/index.ts';
import { advance, openSoFar, progressOfCommand, progressOfOpen } from '../domain/progress.ts';
import { aggregateNamed } from '../domain/registry.ts';
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import { currentVersion } from '../domain/versions.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { toHeaders, UnreadableRecord } from '../records/cloud-event.ts';
import { asLegacy, commandVersion, type ReadCommand, readCommand } from '../records/command-record.ts';
import { deadLetter } from '../records/dead-letter.ts';
import { eventId, REJECTION } from '../records/event-record.ts';
import { ownTombstone, PART, STATE } from '../records/state-record.ts';
import { statusRecord } from '../records/status-record.ts';
import { subjectErasedRecord } from '../records/subject-key.ts';
import { commandsTopic, eventsTopic, PARTS, stateTopic, TRANSACTIONS } from '../records/topics.ts';
import type { Draft } from './draft.ts';
import { endOfUnreadable } from './unreadable.ts';

/** What a processor tells of its work, for metrics. */
export interface Observer {
  decided?(aggregate: string, command: string, outcome: 'accepted' | 'rejected'): void;
  repeated?(aggregate: string): void;
  /** A command came under an idempotency key that stands for another one. */
  reused?(): void;
  /** `record` is the one that cannot be read. */
  dead?(topic: string, reason: string, record: LogRecord): void;
  /** A transaction has ended: its final status is committed. */
  ended?(transaction: TransactionRecord): void;
}

export interface StepWriterOptions<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly aggregate: Aggregate<AggregateName, C, E, S, P>;
  readonly partition: number;
  readonly partitions: number;
  readonly observer?: Observer | undefined;
  /** Whether it reports unreadable statuses. Every aggregate's processor reads all of them, so only one reports. */
  readonly tellsOfStatuses?: boolean;
  /**
   * What becomes of users' commands that tell no roles. `accept`: they are decided as before roles were recorded, for the time
   * of an upgrade, or where everyone is admin. `refuse`, the default: FORBIDDEN.
   */
  readonly withoutRoles?: 'accept' | 'refuse' | undefined;
}

/** Gathers one step. Call `handle` for each command in order, then `finish` once. */
export class StepWriter<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly draft: Draft<C, E, S, P>;
  readonly #options: StepWriterOptions<C, E, S, P>;
  /** When the step runs: the time on its states, statuses and follow-up commands. */
  readonly #at: string;
  readonly #events: NewRecord[] = [];
  readonly #followUps: NewRecord[] = [];
  readonly #erased: NewRecord[] = [];
  readonly #dead: NewRecord[] = [];

  constructor(options: StepWriterOptions<C, E, S, P>, draft: Draft<C, E, S, P>, at: string) {
    this.#options = options;
    this.draft = draft;
    this.#at = at;
  }

  handle(record: LogRecord): void {
    const { aggregate, observer, partitions, withoutRoles } = this.#options;
    let read: ReadCommand<C>;
    try {
      read = readCommand(aggregate, record, partitions);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#setAside(record, error.message);
      return;
    }
    const { meta } = read;
    const byUser = meta.commandId === meta.transactionId;
    if (byUser && this.#hasDecided(meta.transactionId, read.id)) {
      observer?.repeated?.(aggregate.name);
      return;
    }
    const judged = withoutRoles === 'accept' && read.withoutRoles ? asLegacy(meta) : meta;
    const outcome = decide(aggregate, read.command, this.draft.stateFor(read.id, read.command), judged);
    if (isRejection(outcome)) this.#reject(read, outcome, byUser);
    else this.#accept(read, outcome, byUser);
    observer?.decided?.(aggregate.name, read.command.type, isRejection(outcome) ? 'rejected' : 'accepted');
  }

  /** A command that cannot be read: the record is kept, and the transaction that it began ends. */
  #setAside(record: LogRecord, reason: string): void {
    const { aggregate, observer } = this.#options;
    const end = endOfUnreadable(record, aggregate.name, reason, this.#at);
    const ends = end !== undefined && !this.#hasDecided(end.id, end.entityId);
    if (ends) this.draft.transactions.set(end.id, end);
    this.#dead.push(deadLetter(record, reason, this.#at, end !== undefined));
    observer?.dead?.(record.topic, reason, record);
  }

  /** All that the step writes: events in order, then the newest states, parts and statuses, then what is asked of others. */
  finish(): readonly NewRecord[] {
    const states = [...this.#states(), ...this.#tombstones()];
    return [
      ...this.#events,
      ...states,
      ...this.#statuses(),
      ...this.#followUps,
      ...this.#erased,
      ...this.#dead,
      ...this.#foreign(),
    ];
  }

  /** Dead letters for what was found at restore on the topics of states, parts and statuses. */
  *#foreign(): Iterable<NewRecord> {
    const { observer, tellsOfStatuses } = this.#options;
    for (const { record, reason } of this.draft.foreign) {
      if (record.topic === TRANSACTIONS && !tellsOfStatuses) continue;
      yield deadLetter(record, reason, this.#at, false);
      observer?.dead?.(record.topic, reason, record);
    }
  }

  /** For foreign records under keys that have no state or part of ours: so the next restore does not find them again. */
  *#tombstones(): Iterable<NewRecord> {
    for (const { record, id, part } of this.draft.foreign) {
      if (id === undefined || record.key === null) continue;
      const written = part === undefined ? this.draft.states.has(id) : this.draft.parts.get(id)?.has(part);
      if (written) continue;
      const { topic, partition, key } = record;
      yield ownTombstone({ topic, partition, key }, this.#source(), this.#at);
    }
  }

  #accept(read: ReadCommand<C>, events: readonly Message<E>[], byUser: boolean): void {
    const { aggregate } = this.#options;
    const { notices, routes, erasedBy } = aggregate;
    const { id, meta } = read;
    const asked: FollowUp[] = [];
    for (const [index, event] of events.entries()) {
      const notice = notices.includes(event.type);
      const before = this.draft.state(id);
      const { version } = this.draft.apply(id, event, meta.at);
      this.#event(read, index, event.type, event.data, notice ? undefined : version);
      asked.push(...(routes.events[event.type]?.(event.data, id) ?? []));
      if (event.type === erasedBy) this.#erase(id);
      this.#progressOpen(before, event, id, version);
      if (!byUser) this.#endInquiry(read, event, version);
    }
    this.#ask(read, asked);
    if (byUser) this.#progress(this.#begun(read), progressOfCommand(aggregate, events), this.draft.state(id).version);
  }

  /** In the same step: no reader of the log finds the one without the other. */
  #erase(subject: string): void {
    const { partition } = this.#options;
    this.#erased.push({ ...subjectErasedRecord({ subject, source: this.#source(), at: this.#at }), partition });
  }

  #reject(read: ReadCommand<C>, rejection: Rejection, byUser: boolean): void {
    const { command } = read;
    this.#event(read, 0, REJECTION, { command: command.type, rejection }, undefined);
    // A forbidden command has no follow-ups: it could end a purchase that is not its issuer's.
    if (rejection.code !== 'FORBIDDEN')
      this.#ask(read, this.#options.aggregate.routes.rejections[command.type]?.(command.data, rejection) ?? []);
    if (byUser) this.#progress(this.#begun(read), { name: 'rejected', status: 'REJECTED', rejection }, 0);
  }

  #begun({ id, command, meta, idempotency }: ReadCommand<C>): TransactionRecord {
    const { name: aggregate } = this.#options.aggregate;
    const { transactionId, issuedBy, at } = meta;
    return accepted({ id: transactionId, command: command.type, aggregate, entityId: id, issuedBy, at, idempotency });
  }

  /**
   * The transaction's next status, as of when the step runs: the time of the command is when that was written, so that a
   * transaction of one command would take no time. By clocks that differ, it is not before the step ahead of it.
   */
  #progress(was: TransactionRecord, step: ProgressStep, version: number): void {
    const before = was.steps.at(-1)?.at ?? '';
    const [, at = this.#at] = [before, this.#at].sort();
    const next = advance(was, step, at, version);
    if (next !== was) this.draft.transactions.set(next.id, next);
  }

  /** Whether a user's command has been decided before: remembered, or told by the entity that it brought about. */
  #hasDecided(transactionId: string, id: string): boolean {
    if (this.draft.seen(transactionId) !== undefined) return true;
    return this.#options.aggregate.progress?.transaction(this.draft.state(id))?.id === transactionId;
  }

  /** Progress of the transaction that the entity keeps open, whether or not this command belongs to it. */
  #progressOpen(before: S, event: Message<E>, id: string, version: number): void {
    const { name, progress } = this.#options.aggregate;
    if (progress === undefined) return;
    const step = progressOfOpen(progress, before, event);
    const open = step && progress.transaction(before);
    if (step === undefined || open === undefined) return;
    const seen = this.draft.seen(open.id);
    if (seen === 'ended') return;
    const soFar = seen ?? openSoFar({ name, progress }, id, before);
    if (soFar !== undefined) this.#progress(soFar, step, version);
  }

  /** Ends the transaction of a user's command that had asked another aggregate first. */
  #endInquiry({ id, meta }: ReadCommand<C>, event: Message<E>, version: number): void {
    const { name: aggregate, inquiries } = this.#options.aggregate;
    const end = inquiries?.ends[event.type]?.(event.data);
    const seen = end && this.draft.seen(meta.transactionId);
    if (end === undefined || seen === 'ended') return;
    // After a stop of more than a week its statuses have left the log: then it begins anew with what this command tells of it.
    const { transactionId, issuedBy, at } = meta;
    const was = seen ?? accepted({ id: transactionId, command: end.command, aggregate, entityId: id, issuedBy, at });
    this.#progress(was, end.step, version);
  }

  #event(read: ReadCommand<C>, index: number, type: string, data: unknown, version: number | undefined): void {
    const { meta, id, traceparent } = read;
    const chain = this.#options.aggregate.upcasters?.events?.[type];
    this.#events.push({
      ...this.#record(eventsTopic, id, data),
      headers: toHeaders({
        id: eventId(meta.commandId, index),
        type,
        source: this.#source(),
        subject: id,
        time: meta.at,
        dataversion: currentVersion(chain),
        transactionid: meta.transactionId,
        issuedby: meta.issuedBy,
        causationid: meta.commandId,
        version,
        traceparent,
      }),
    });
  }

  #ask(read: ReadCommand<C>, followUps: readonly FollowUp[]): void {
    const { meta, traceparent } = read;
    for (const [index, { aggregate, id, type, data }] of followUps.entries()) {
      this.#followUps.push({
        topic: commandsTopic(aggregate),
        key: id,
        value: JSON.stringify(data),
        headers: toHeaders({
          id: `${meta.commandId}.${index}`,
          type,
          source: this.#source(),
          subject: id,
          time: this.#at,
          dataversion: commandVersion(aggregateNamed(aggregate), type),
          transactionid: meta.transactionId,
          issuedby: meta.issuedBy,
          causationid: meta.commandId,
          traceparent,
        }),
      });
    }
  }

  *#states(): Iterable<NewRecord> {
    const { parts, upcasters } = this.#options.aggregate;
    const dataversion = currentVersion(upcasters?.state);
    const source = this.#source();
    const time = this.#at;
    for (const [id, state] of this.draft.states) {
      const version = state.version;
      yield {
        ...this.#record(stateTopic, id, parts === undefined ? state : parts.without(state)),
        headers: toHeaders({ id: `${id}@${version}`, type: STATE, source, subject: id, time, version, dataversion }),
      };
    }
    if (parts === undefined) return;
    for (const [id, touched] of this.draft.parts) {
      for (const part of touched) {
        const key = `${id}/${part}`;
        yield {
          ...this.#record((name) => PARTS[name] ?? '', key, this.draft.part(id, part)),
          headers: toHeaders({
            id: key,
            type: PART,
            source,
            subject: id,
            time,
            dataversion: currentVersion(upcasters?.part),
          }),
        };
      }
    }
  }

  *#statuses(): Iterable<NewRecord> {
    const { partition } = this.#options;
    for (const transaction of this.draft.transactions.values()) {
      yield statusRecord(transaction, { source: this.#source(), partition, at: this.#at });
    }
  }

  /** A record in this processor's own partition, whatever its key. */
  #record(topic: (aggregate: string) => string, key: string, data: unknown): Omit<NewRecord, 'headers'> {
    const { aggregate, partition } = this.#options;
    return { topic: topic(aggregate.name), partition, key, value: JSON.stringify(data) };
  }

  #source(): string {
    return `/processors/${this.#options.aggregate.name}`;
  }
}
