/** What the process asks of the threads of its views. Documents go as JSON: a text is copied faster than an object. */
import type { Filter, Find, Group, GroupSums, StoredPosition } from '../view-store.ts';
import type { FolderOptions } from './folder.ts';

interface Ask<Args, Answer> {
  readonly args: Args;
  readonly answer: Answer;
}

interface OfView {
  readonly view: string;
}

/** Asked of readers, and of the writer within a step. */
interface Reads {
  readonly get: Ask<OfView & { readonly ids: readonly string[] }, readonly (readonly [id: string, json: string])[]>;
  readonly find: Ask<OfView & { readonly find: Find }, readonly string[]>;
  readonly count: Ask<OfView & { readonly filter: Filter }, number>;
  readonly groups: Ask<OfView & { readonly question: GroupSums }, readonly Group[]>;
  /** Lets go of the file. */
  readonly close: Ask<null, null>;
}

/** What stands in the folder when it is opened. */
export interface Stored {
  readonly positions: readonly StoredPosition[];
  /** The log that the views were built from; undefined while none is known. */
  readonly log: string | undefined;
  /** Why they may not be read. */
  readonly filling: string | undefined;
  /** Why what stood there was wiped. */
  readonly wiped: string | undefined;
}

export interface WriterRequests extends Reads {
  readonly open: Ask<FolderOptions, Stored>;
  readonly begin: Ask<null, null>;
  readonly put: Ask<OfView & { readonly docs: readonly string[] }, null>;
  readonly remove: Ask<OfView & { readonly ids: readonly string[] }, null>;
  /** Answers with those removed that there were. */
  readonly commit: Ask<
    { readonly positions: readonly StoredPosition[] },
    readonly (OfView & { readonly id: string })[]
  >;
  /** What the step that is under way overwrites is to leave the files once it is committed. */
  readonly purge: Ask<null, null>;
  readonly rollback: Ask<null, null>;
  readonly note: Ask<{ readonly name: 'log' | 'filling'; readonly value: string | undefined }, null>;
  /** Views that are empty get the entries of their indexes later: when a step needs them, and with `index`. Not within a step. */
  readonly defer: Ask<null, null>;
  /** Makes some of the indexes that are still to be made. Answers with how many are left. Not within a step. */
  readonly index: Ask<null, number>;
  /** No reader may have the file open. */
  readonly wipe: Ask<null, null>;
}

export interface ReaderRequests extends Reads {
  readonly open: Ask<FolderOptions, null>;
}

export type Role = 'writer' | 'reader';

/** A request as it is sent; without a number nobody waits for its answer. */
export type Sent<R> = {
  [N in keyof R]: R[N] extends Ask<infer Args, unknown>
    ? { readonly number?: number; readonly name: N; readonly args: Args }
    : never;
}[keyof R];

export type ArgsOf<R, N extends keyof R> = R[N] extends { readonly args: infer Args } ? Args : never;
export type AnswerOf<R, N extends keyof R> = R[N] extends { readonly answer: infer Answer } ? Answer : never;

/** The name of a failure that waiting does not mend. */
export const MISCONFIGURED = 'ViewsMisconfigured';

export interface Failure {
  readonly name: string;
  readonly message: string;
  /** That of SQLite or of the operating system. */
  readonly code: string | undefined;
}

export type Answered =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: Failure };
