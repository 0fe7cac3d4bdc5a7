/**
 * The commands on the log that no processor is known to have decided yet, follow-ups included, by the transaction they
 * belong to. What is not in here has been decided, so it holds no more than the processors are behind.
 */
import type { Position, TopicPartition } from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';

/** Commands of one partition in order of offset. Those before `head` have been decided. */
interface Place extends TopicPartition {
  commands: Command[];
  head: number;
}

/** One object for each command that is on the log and undecided: all gateways hold them, whoever issued them. */
interface Command {
  readonly transactionId: string;
  readonly place: Place;
  readonly offset: number;
}

/** The commands of one transaction, from those undecided at the beginning on. */
export interface CommandWatch {
  /** Those that have come since the last call. */
  take(): readonly Position[];
  stop(): void;
}

export class UndecidedCommands {
  readonly #places = new Map<string, Place>();
  readonly #ofTransaction = new Map<string, Command[]>();
  readonly #watches = new Map<string, Set<(position: Position) => void>>();

  /** Whether there are any. */
  get empty(): boolean {
    return this.#ofTransaction.size === 0;
  }

  /** A command that has been read; those of one partition come in order. */
  note(transactionId: string, { topic, partition, offset }: Position): void {
    const place = this.#placeOf(topic, partition);
    const command = { transactionId, place, offset };
    place.commands.push(command);
    const siblings = this.#ofTransaction.get(transactionId);
    if (siblings === undefined) this.#ofTransaction.set(transactionId, [command]);
    else siblings.push(command);
    for (const tell of this.#watches.get(transactionId) ?? []) tell({ topic, partition, offset });
  }

  /** Everything before these positions of the commands topics has been decided. */
  decided(positions: readonly Position[]): void {
    for (const position of positions) {
      const place = this.#places.get(placeOf(position));
      if (place === undefined) continue;
      for (let first = place.commands[place.head]; first !== undefined; first = place.commands[place.head]) {
        if (first.offset >= position.offset) break;
        place.head++;
        this.#forget(first);
      }
      // Amortised: cut only when half of it has been decided, so there is at most one copy for each command decided.
      if (place.head * 2 > place.commands.length) {
        place.commands = place.commands.slice(place.head);
        place.head = 0;
      }
    }
  }

  /** Those of one transaction; the first `take` returns what is undecided now. */
  watch(transactionId: string): CommandWatch {
    let waiting = [...(this.#ofTransaction.get(transactionId) ?? [])].map(positionOf);
    const tell = (position: Position) => void waiting.push(position);
    const tellers = this.#watches.get(transactionId) ?? new Set();
    this.#watches.set(transactionId, tellers.add(tell));
    return {
      take: () => {
        const taken = waiting;
        waiting = [];
        return taken;
      },
      stop: () => {
        tellers.delete(tell);
        if (tellers.size === 0) this.#watches.delete(transactionId);
      },
    };
  }

  /** The last undecided command of each partition, whatever its transaction. */
  last(): readonly Position[] {
    return [...this.#places.values()].flatMap(({ commands, head }) => {
      const last = commands.at(-1);
      return last === undefined || commands.length === head ? [] : [positionOf(last)];
    });
  }

  #placeOf(topic: string, partition: number): Place {
    const name = placeOf({ topic, partition });
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place: Place = { topic, partition, commands: [], head: 0 };
    this.#places.set(name, place);
    return place;
  }

  #forget(command: Command): void {
    const siblings = this.#ofTransaction.get(command.transactionId);
    if (siblings === undefined) return;
    if (siblings.length > 1) siblings.splice(siblings.indexOf(command), 1);
    else this.#ofTransaction.delete(command.transactionId);
  }
}

function positionOf({ place: { topic, partition }, offset }: Command): Position {
  return { topic, partition, offset };
}
