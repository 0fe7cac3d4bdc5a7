/** A row of the table in docs/performance.md: something of ours measured beside its limit or rival, in the same run. */
import type { KafkaEngine, MongoEngine } from '../../test/engines/index.ts';

/** How large a run is, by name: `purchases`, `seconds` … `--purchases N` on the command line sets one of them. */
export type Sizes = Readonly<Record<string, number>>;

export interface Row {
  /** One word: `npm run bench:NAME`, `bench/results/NAME.json`. */
  readonly name: string;
  readonly what: string;
  /** The limit or the rival. */
  readonly against: string;
  readonly goal: string;
  /** What the row's line asks for; the run says so when it was smaller. */
  readonly full: Sizes;
  /** For a smoke run of a few seconds: whether it works, not how fast. */
  readonly quick: Sizes;
  run(bench: Bench): Promise<void>;
}

export interface Side {
  readonly name: string;
  /** Measures once. The unit is the comparison's. */
  measure(): Promise<number>;
}

/** One of them, of the ratio or, without a rival, of the value itself. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface Comparison {
  /** Tells it from the row's others: `64 connections`. */
  readonly label: string;
  /** `mutations/s`, `ms`. */
  readonly unit: string;
  readonly ours: Side;
  /** Without one, the goal is of ours alone. */
  readonly rival?: Side;
  /** Of ours ÷ rival. */
  readonly goal?: Goal;
  /** Default: those of the run. */
  readonly rounds?: number;
}

/** What something is begun in: it ends with that, in the opposite order. */
export interface Scope {
  kafka(): Promise<KafkaEngine>;
  mongo(): Promise<MongoEngine>;
  /** A new folder on the disk that is measured. */
  folder(): Promise<string>;
  defer(end: () => Promise<unknown> | unknown): void;
}

/** What a row's `run` may use. */
export interface Bench extends Scope {
  /** Where data folders are kept from one run to the next, by their number of purchases; undefined: nowhere. */
  readonly folders: string | undefined;
  readonly quick: boolean;
  /** @throws when the row has no such size */
  size(name: string): number;
  /** Made once, and shared by all rows of the run: for smoke runs, which would spend their time on starting servers. */
  shared<T>(name: string, make: (scope: Scope) => Promise<T>): Promise<T>;
  /** Measures both sides in turn, round by round, the first one changing. */
  compare(comparison: Comparison): Promise<void>;
  /** Something that has been measured otherwise. */
  tell(comparison: Omit<Comparison, 'ours' | 'rival'> & { readonly values: Readonly<Record<string, number>> }): void;
  /** Goes into the results: what a reader must know of these figures. */
  note(text: string): void;
  /** For whoever watches. */
  say(text: string): void;
}

/** Thrown by a row whose engines are not at hand: it is left out, and the others run. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut';
}
