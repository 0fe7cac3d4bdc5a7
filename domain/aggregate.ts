/**
 * The shape of an aggregate. Its rules are pure functions keyed by name, so that the compiler finds a missing case (the
 * Decider of Jérémie Chassaing, as emmett has it); what it asks of others, and how long transactions of it go on, stands
 * beside them. Nothing here does I/O, reads a clock or draws a random number.
 */
import type { z } from 'zod';
import type { AggregateName, RejectionCode } from './index.ts';
import type { RecordedRejection } from './recorded-rejection.ts';
import type { NoRejectionCodes, RejectionCodes } from './rejection-codes.ts';
import { type Authority, type CommandRight, type Issuer, isAnothers, mayNotGive } from './rights.ts';
import type { TransactionStatus } from './transaction.ts';
import type { Upcasters } from './versions.ts';

/** Where a command comes from. Ids and times enter the domain here and nowhere else. */
export interface CommandMeta {
  readonly commandId: string;
  /** The transaction that a user began; follow-up commands carry it on. */
  readonly transactionId: string;
  readonly issuedBy: string;
  /** On what authority: what the command's record says of the issuer's roles, or of the processor that wrote it. */
  readonly authority: Authority;
  /** When the command was written, ISO 8601 UTC. */
  readonly at: string;
}

/** A rejection that is decided now: a value, never thrown. */
export interface Rejection extends RecordedRejection {
  readonly code: RejectionCode;
}

/** Data by name: `{ registerCustomer: {…}, … }`. */
export type Catalogue = Readonly<Record<string, unknown>>;

/** A command or an event: one of a catalogue, by name. */
export type Message<C extends Catalogue> = {
  [T in keyof C & string]: { readonly type: T; readonly data: C[T] };
}[keyof C & string];

export interface Versioned {
  /** 0 before the first event; every event adds one. */
  readonly version: number;
}

/**
 * A keyed collection inside a state that is published entry by entry rather than with the state, so that the state of a
 * product in great demand stays small on the log. A processor keeps the entries on disk and not in its memory: the state that
 * `decide` and `evolve` are given holds the entry that the command or event concerns, and maybe no other.
 */
export interface Parts<S, C extends Catalogue, E extends Catalogue, P> {
  /** The compacted topic's last word: `<aggregate>.<name>`. */
  readonly name: string;
  readonly schema: z.ZodType<P>;
  /** The entry that deciding a command asks for, if it asks for one. */
  neededBy(command: Message<C>): string | undefined;
  /** The entry an event touches, if it touches one. */
  touchedBy(event: Message<E>): string | undefined;
  get(state: S, id: string): P | undefined;
  set(state: S, id: string, part: P): S;
  /** The state without any entry. */
  none(state: S): S;
  /** The state as it is published: without the entries. */
  without(state: S): unknown;
  all(state: S): Iterable<readonly [string, P]>;
}

export interface BrokenInvariant {
  readonly what: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface Decider<C extends Catalogue, E extends Catalogue, S extends Versioned, P = never> {
  /** The aggregate's name in the plural, as in its topics. */
  readonly name: string;
  /** The field of every command that holds the aggregate's id. */
  readonly idField: string;
  readonly commands: { readonly [T in keyof C]: z.ZodType<C[T]> };
  readonly events: { readonly [T in keyof E]: z.ZodType<E[T]> };
  /** Reads a state as published. */
  readonly state: z.ZodType<S>;
  readonly parts?: Parts<S, C, E, P>;
  /** How records of older versions are read; without a chain, there is version 1 alone. */
  readonly upcasters?: {
    readonly commands?: { readonly [T in keyof NoInfer<C>]?: Upcasters };
    readonly events?: { readonly [T in keyof NoInfer<E>]?: Upcasters };
    readonly state?: Upcasters;
    readonly part?: Upcasters;
  };
  readonly initialState: S;
  /** Who may give each command: also asked before a command is written. */
  readonly rights: { readonly [T in keyof C]: CommandRight<C[T]> };
  /** Who may read all entities and their records on the log, by whichever way; default: staff. */
  readonly readers?: 'staff' | 'admin';
  /** The user that an entity belongs to; null: nobody. Without it no entity belongs to anyone. */
  readonly ownerOf?: (state: S) => string | null;
  /**
   * What can be told wrong about a command without knowing the state; also asked before a command is written. `at` is when
   * it is written, ISO 8601 UTC: the same both times.
   */
  readonly check: { readonly [T in keyof C]: (command: C[T], at: string) => Rejection | undefined };
  readonly decide: {
    readonly [T in keyof C]: (command: C[T], state: S, meta: CommandMeta) => readonly Message<E>[] | Rejection;
  };
  readonly evolve: { readonly [T in keyof E]: (state: S, event: E[T], at: string) => S };
  /** What holds at every version, such as that stock adds up: those that are broken. Checked by `counterfoil verify`. */
  readonly invariants?: (state: S) => Iterable<BrokenInvariant>;
  /** Events that tell something and change nothing: they take no version. */
  readonly notices: readonly (keyof E)[];
}

/** A command for an aggregate of another kind, see `ask` in `follow-up.ts`. */
export interface FollowUp {
  readonly aggregate: AggregateName;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** The saga's routes: which commands of others an outcome asks for. `id` is the aggregate's own. */
export interface Routes<C extends Catalogue, E extends Catalogue> {
  readonly events: { readonly [T in keyof E]?: (event: E[T], id: string) => readonly FollowUp[] };
  readonly rejections: { readonly [T in keyof C]?: (command: C[T], why: Rejection) => readonly FollowUp[] };
}

/** One more step of a transaction. */
export interface ProgressStep {
  readonly name: string;
  readonly status: TransactionStatus;
  readonly entityId?: string;
  readonly rejection?: RecordedRejection;
}

/** The transaction that a pending entity keeps open. */
export interface OpenTransaction {
  readonly id: string;
  /** The command that began it. */
  readonly command: string;
  readonly issuedBy: string;
  /** ISO 8601 UTC. */
  readonly acceptedAt: string;
}

/** How a transaction goes on that does not end with its own command, because others must answer first. */
export interface Progress<C extends Catalogue, E extends Catalogue, S extends Versioned> {
  /** The events that leave a user's command pending, and what its step is called then. All else completes it at once. */
  readonly begins: { readonly [T in keyof E]?: string };
  /**
   * The transaction that created the entity; undefined before there is one. It is read from the state, so it is still known
   * when the transaction's statuses have left the log.
   */
  transaction(state: S): OpenTransaction | undefined;
  /** Whether that transaction is still open: what happens to the entity later changes it no more. */
  pending(state: S): boolean;
  /** What an event does to the open transaction. */
  readonly steps: { readonly [T in keyof E]?: (event: E[T]) => ProgressStep };
  /** Its steps until now, as far as the state tells. Their number must be right: statuses are ordered by it. */
  soFar(state: S): readonly ProgressStep[];
  /** Ends what is pending for too long. */
  readonly deadline?: Deadline<C>;
}

/**
 * How a transaction goes on whose command asks another aggregate before it changes anything. No entity is pending meanwhile:
 * whoever was asked hands the whole change back with the answer, as a command that does it or gives it up.
 */
export interface Inquiries<C extends Catalogue, E extends Catalogue> {
  /** The notices by which a user's command asks, and what its step is called then. */
  readonly begins: { readonly [T in keyof E]?: string };
  /** The events that end what asked, in a later command of the same transaction. `command` is the user's. */
  readonly ends: {
    readonly [T in keyof E]?: (event: E[T]) => { readonly command: keyof C & string; readonly step: ProgressStep };
  };
}

export interface Deadline<C extends Catalogue> {
  /** How long an entity may be pending where nothing else is configured, ms. */
  readonly afterMs: number;
  /** What is written to the aggregate's own commands then. It is decided like any other, so a replay gives the same. */
  command(id: string): Message<C>;
}

/** All that there is to say of an aggregate. */
export interface Aggregate<
  N extends string,
  C extends Catalogue,
  E extends Catalogue,
  S extends Versioned,
  P = never,
  R extends RejectionCodes = NoRejectionCodes,
> extends Decider<C, E, S, P> {
  readonly name: N;
  /** Codes of rejections that no other aggregate defines. Every aggregate may give them, as it may give the common ones. */
  readonly rejectionCodes?: R;
  readonly routes: Routes<C, E>;
  readonly progress?: Progress<C, E, S>;
  readonly inquiries?: Inquiries<C, E>;
  /**
   * The names of the fields of text that hold nothing about a person, wherever they stand in its records. Each field of text is
   * named here or is `personal` (`personal.ts`): a test finds one that is neither.
   */
  readonly notPersonal: readonly string[];
  /** The event after which the entity's personal fields can be read no more. Who has personal fields needs one. */
  readonly erasedBy?: keyof E & string;
  /** It serves the other aggregates: no user gives it commands or is shown its entities. */
  readonly internal?: true;
}

export function isRejection(outcome: readonly unknown[] | Rejection): outcome is Rejection {
  return !Array.isArray(outcome);
}

/** Why this issuer may not give this command, if so. Pure, and the same at the gateway as in `decide`. */
export function mayNotIssue<C extends Catalogue>(
  { rights }: { readonly rights: { readonly [T in keyof C]: CommandRight<C[T]> } },
  command: Message<C>,
  issuer: Issuer,
): Rejection | undefined {
  return mayNotGive(command.type, rights[command.type], command.data, issuer);
}

/**
 * Decides one command: its issuer's right first, then its check, then its rule. An empty list means: nothing to do, and that
 * is all right. For a customer, an entity of somebody else's is decided as one that does not exist.
 */
export function decide<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  decider: Decider<C, E, S, P>,
  command: Message<C>,
  state: S,
  meta: CommandMeta,
): readonly Message<E>[] | Rejection {
  const issuer = { userId: meta.issuedBy, authority: meta.authority };
  const hidden = isAnothers(decider.rights[command.type], decider.ownerOf?.(state) ?? null, issuer);
  return (
    mayNotIssue(decider, command, issuer) ??
    decider.check[command.type](command.data, meta.at) ??
    decider.decide[command.type](command.data, hidden ? decider.initialState : state, meta)
  );
}

/** The state after an event: evolved, and one version on unless the event is a notice. */
export function evolve<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  decider: Decider<C, E, S, P>,
  state: S,
  event: Message<E>,
  at: string,
): S {
  if (decider.notices.includes(event.type)) return state;
  return { ...decider.evolve[event.type](state, event.data, at), version: state.version + 1 };
}
