/** How far an import is, what has come of its rows, and what of them its user must be told. */
import { CONFLICT, type RowOutcome } from './row-outcome.ts';

export type ImportPhase = 'customers' | 'products' | 'purchases' | 'discontinuing' | 'done';

export interface ImportTally {
  readonly phase: ImportPhase;
  /** Rows that have been dealt with, of `total`; a product that is discontinued counts once more. */
  readonly done: number;
  readonly total: number;
  /** Orders by how they ended. */
  readonly confirmed: number;
  readonly rejected: number;
  /** What keeps it waiting, in a line; null: nothing, it goes on. */
  readonly waitingFor: string | null;
}

/** A row of which not all is in the shop. */
export interface RowProblem {
  readonly fileAndLine: string;
  /** `order 10248`. */
  readonly row: string;
  /** A code of a rejection, or `CONFLICT`. */
  readonly code: string;
  readonly message: string;
}

export interface ImportSummary extends ImportTally {
  /** Rows whose customer, or product, is in the shop now. */
  readonly customers: number;
  readonly products: number;
  readonly discontinued: number;
  /** Rows that changed what was there before. */
  readonly updated: number;
  /** Commands that this run was the first to bring. */
  readonly fresh: number;
  /** Rows refused, by the rejection's code. */
  readonly rejections: ReadonlyMap<string, number>;
  /** Rows that differ from what is in the shop and were left as they are there. */
  readonly conflicts: number;
  /** The first of the rows refused or in conflict; there may be more. */
  readonly problems: readonly RowProblem[];
  readonly ms: number;
}

/** So many problems are kept to be shown. */
export const MOST_PROBLEMS = 50;

/** Rows refused or in conflict, those that are not shown included. */
export function problemsOf({ rejections, conflicts }: Pick<ImportSummary, 'rejections' | 'conflicts'>): number {
  return [...rejections.values()].reduce((sum, count) => sum + count, conflicts);
}

/** Counts as rows come to their ends. */
export class Counts {
  readonly there = { customers: 0, products: 0, purchases: 0, discontinuing: 0, done: 0 };
  readonly rejections = new Map<string, number>();
  readonly problems: RowProblem[] = [];
  conflicts = 0;
  updated = 0;
  fresh = 0;

  add(phase: ImportPhase, row: Pick<RowProblem, 'fileAndLine' | 'row'>, { there, updated, problem }: RowOutcome): void {
    if (there) this.there[phase]++;
    if (updated === true) this.updated++;
    if (problem === undefined) return;
    if (problem.code === CONFLICT) this.conflicts++;
    else this.rejections.set(problem.code, (this.rejections.get(problem.code) ?? 0) + 1);
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ ...row, ...problem });
  }
}
