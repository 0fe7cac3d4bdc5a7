/**
 * The domain and the saga on a log as small as can be: one queue per partition, kept in order; which queue goes on next is
 * the caller's choice. It checks what holds at every version, and keeps what the tests ask at the end.
 */
import { isImmutable } from 'immutable';
import { expect } from 'vitest';
import {
  type Aggregate,
  type AggregateName,
  aggregates,
  type Catalogue,
  type CommandMeta,
  decide,
  evolve,
  type FollowUp,
  isRejection,
  type Message,
  type Versioned,
} from '../../domain/index.ts';
import { partitionOf } from '../../log/partition-of.ts';

interface Entry<E extends Catalogue> {
  readonly event: Message<E>;
  readonly at: string;
}

/** One aggregate's instances, with all that was ever decided and published about them. */
class Shelf<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly decider: Aggregate<AggregateName, C, E, S, P>;
  readonly states = new Map<string, S>();
  readonly events = new Map<string, Entry<E>[]>();
  /** What stands on the compacted topics, as text. */
  readonly published = new Map<string, string>();
  readonly publishedParts = new Map<string, Map<string, string>>();
  readonly #holds: (state: S) => void;

  constructor(decider: Aggregate<AggregateName, C, E, S, P>, holds: (state: S) => void) {
    this.decider = decider;
    this.#holds = holds;
  }

  state(id: string): S {
    return this.states.get(id) ?? this.decider.initialState;
  }

  /** Decides and applies one command, as it comes from the log. */
  handle(
    id: string,
    type: string,
    json: string,
    meta: CommandMeta,
  ): { followUps: readonly FollowUp[]; rejected: boolean } {
    expect(Object.keys(this.decider.commands)).toContain(type);
    const name: keyof C & string = type;
    const data = this.decider.commands[name].parse(JSON.parse(json));
    const command: Message<C> = { type: name, data };
    const was = this.state(id);
    const outcome = this.#decideTwice(command, was, meta);
    if (isRejection(outcome))
      return { followUps: this.decider.routes.rejections[name]?.(data, outcome) ?? [], rejected: true };
    const followUps: FollowUp[] = [];
    for (const event of outcome) {
      this.#apply(id, event, meta.at);
      followUps.push(...(this.decider.routes.events[event.type]?.(event.data, id) ?? []));
    }
    return { followUps, rejected: false };
  }

  /** A state read back from what was published. */
  restored(id: string): S {
    const { parts } = this.decider;
    let state = this.decider.state.parse(JSON.parse(this.published.get(id) ?? ''));
    if (parts === undefined) return state;
    for (const [part, json] of this.publishedParts.get(id) ?? []) {
      state = parts.set(state, part, parts.schema.parse(JSON.parse(json)));
    }
    return state;
  }

  /** A state folded from its events, read back from text. */
  folded(id: string): S {
    return (this.events.get(id) ?? []).reduce((state, { event, at }) => {
      const name: keyof E & string = event.type;
      const data = this.decider.events[name].parse(JSON.parse(JSON.stringify(event.data)));
      return evolve(this.decider, state, { type: name, data }, at);
    }, this.decider.initialState);
  }

  /** Decides twice: the outcome is the same, and neither command nor state has changed. */
  #decideTwice(command: Message<C>, was: S, meta: CommandMeta) {
    const before = JSON.stringify([command, was, meta]);
    const outcome = decide(this.decider, deepFreeze(command), deepFreeze(was), deepFreeze(meta));
    expect(decide(this.decider, command, was, meta)).toEqual(outcome);
    expect(JSON.stringify([command, was, meta])).toBe(before);
    return deepFreeze(outcome);
  }

  #apply(id: string, event: Message<E>, at: string): void {
    const { notices, parts } = this.decider;
    const was = this.state(id);
    const state = evolve(this.decider, was, event, at);
    expect(state.version).toBe(was.version + (notices.includes(event.type) ? 0 : 1));
    this.#holds(state);
    this.events.set(id, [...(this.events.get(id) ?? []), { event, at }]);
    if (state === was) return;
    this.states.set(id, state);
    this.published.set(id, JSON.stringify(parts === undefined ? state : parts.without(state)));
    const part = parts?.touchedBy(event);
    if (part === undefined) return;
    const of = this.publishedParts.get(id) ?? new Map<string, string>();
    this.publishedParts.set(id, of.set(part, JSON.stringify(parts?.get(state, part))));
  }
}

interface Delivery {
  readonly aggregate: AggregateName;
  readonly id: string;
  readonly type: string;
  readonly json: string;
  readonly meta: CommandMeta;
  readonly origin: 'user' | 'saga' | 'again';
}

/** The aggregates that take part are those that have a shelf here. */
export class SmallSaga {
  readonly customers = new Shelf(aggregates.customers, () => {});
  readonly products = new Shelf(aggregates.products, (state) => {
    const { received, free, reserved, sold, allocations } = state;
    expect(Math.min(free, reserved, sold)).toBeGreaterThanOrEqual(0);
    expect(received).toBe(free + reserved + sold);
    const held = (stage: string) =>
      allocations.reduce((sum, allocation) => sum + (allocation.stage === stage ? allocation.quantity : 0), 0);
    expect([reserved, sold]).toEqual([held('RESERVED'), held('SOLD')]);
  });
  readonly purchases = new Shelf(aggregates.purchases, (state) => {
    const total = state.lines.reduce((sum, line) => sum + line.quantity * (line.unitPrice ?? 0), 0);
    expect(state.total).toBe(total);
    if (state.status !== 'CONFIRMED') return;
    expect(state.approved && state.lines.every((line) => line.unitPrice !== null)).toBe(true);
  });
  readonly numbers = new Shelf(aggregates.numbers, ({ holder, held }) => {
    expect(held > 0).toBe(holder !== null);
  });
  /** How many commands were put on the log, and how many outcomes they had. */
  written = 0;
  outcomes = 0;
  readonly #queues = new Map<string, Delivery[]>();
  readonly #partitions: number;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  submit({ aggregate, id, type, data }: FollowUp): void {
    const commandId = `t${this.written}`;
    const meta: CommandMeta = {
      ...{ commandId, transactionId: commandId, issuedBy: 'ada', authority: 'admin', at: this.#clock() },
    };
    this.#write({ aggregate, id, type, json: JSON.stringify(data), meta, origin: 'user' });
  }

  /** Keys of the partitions that hold commands not yet handled. */
  waiting(): readonly string[] {
    return [...this.#queues].filter(([, queue]) => queue.length > 0).map(([key]) => key);
  }

  /**
   * Handles the oldest command of a partition. `again` puts it on the log a second time if it is a follow-up; but not a
   * rejected one, since a rejection leaves no trace: that it is decided once is the log's promise, not the domain's.
   */
  deliver(partition: string, again: boolean): void {
    const delivery = this.#queues.get(partition)?.shift();
    if (delivery === undefined) throw new Error(`nothing waits in ${partition}`);
    const { aggregate, id, type, json, meta } = delivery;
    const { followUps, rejected } = this.#shelfOf(aggregate).handle(id, type, json, meta);
    this.outcomes++;
    for (const [index, followUp] of followUps.entries()) {
      this.#write({
        aggregate: followUp.aggregate,
        id: followUp.id,
        type: followUp.type,
        json: JSON.stringify(followUp.data),
        meta: { ...meta, commandId: `${meta.commandId}.${index}`, authority: 'system', at: this.#clock() },
        origin: 'saga',
      });
    }
    if (again && !rejected && delivery.origin === 'saga') this.#write({ ...delivery, origin: 'again' });
  }

  #shelfOf(aggregate: AggregateName): Pick<Shelf<Catalogue, Catalogue, Versioned, unknown>, 'handle'> {
    const shelf = Object.values(this).find((each) => each instanceof Shelf && each.decider.name === aggregate);
    if (shelf === undefined) throw new Error(`${aggregate} takes no part in this saga`);
    return shelf;
  }

  #write(delivery: Delivery): void {
    const key = `${delivery.aggregate}/${partitionOf(delivery.id, this.#partitions)}`;
    const queue = this.#queues.get(key) ?? [];
    queue.push(delivery);
    this.#queues.set(key, queue);
    this.written++;
  }

  #clock(): string {
    return new Date(Date.UTC(2026, 0, 1) + this.written).toISOString();
  }
}

/** Immutable's own collections are left alone: they cannot be changed, and keep their hashes inside. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isImmutable(value) || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
