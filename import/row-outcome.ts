/** What became of one row of a shop's files, and what the functions that bring rows in are given. */
import { BackOff } from '../waiting/back-off.ts';
import type { Command, Ended, Refusal } from './command-sender.ts';
import type { EntityIds } from './entity-ids.ts';
import type { ShopNow } from './shop-now.ts';

/** A difference that is not to be changed, or cannot be: the row was left as it is in the shop. */
export const CONFLICT = 'CONFLICT';

export interface RowOutcome {
  /** Whether the shop has now what the row stands for. */
  readonly there: boolean;
  /** The row brought it about, in this run or in one that was cut short. */
  readonly created?: boolean;
  /** The row changed something that was there before. */
  readonly updated?: boolean;
  /** Why not all of the row is in the shop. */
  readonly problem?: Refusal;
}

export interface Bringing {
  readonly ids: EntityIds;
  readonly shop: ShopNow;
  /** Sends a command, and resolves when it has ended. */
  give(command: Command): Promise<Ended>;
  /** false: what is there already stays as it is, and differences are told. */
  readonly update: boolean;
  readonly signal: AbortSignal;
  /** Another one in each run: for keys that no earlier run has used. */
  readonly run: string;
}

/** Another entity has the shop's id for its number, such as one of another data set: what is brought in goes without. */
export const NUMBER_TAKEN = 'NUMBER_TAKEN';

export const conflict = (message: string): Refusal => ({ code: CONFLICT, message });

const MOST_TRIES = 8;

/**
 * Another look after a refusal that means only that the views are behind, or that somebody else was quicker. The number of
 * looks is bounded: what still stands then is told.
 */
export class Looks {
  readonly #signal: AbortSignal;
  readonly #backOff = new BackOff({ firstMs: 50, longestMs: 2000 });
  #tries = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether it is worth while to look again; waits a little before. */
  async again({ code }: Refusal): Promise<boolean> {
    if (code !== 'ALREADY_EXISTS' && code !== 'VERSION_CONFLICT') return false;
    if (++this.#tries > MOST_TRIES) return false;
    await this.#backOff.wait(this.#signal);
    this.#signal.throwIfAborted();
    return true;
  }
}

/**
 * Gives a command that creates an entity of a fixed id. Where an earlier run was refused under the same key, that refusal is all
 * that the key will ever answer: so this run tries once more under a key of its own. It cannot create twice, by the id.
 */
export async function create(
  bringing: Bringing,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Ended> {
  const numbered = await createOnce(bringing, name, input);
  if (numbered.refusal?.code !== NUMBER_TAKEN) return numbered;
  const { number: _, ...without } = input;
  return await createOnce(bringing, name, without);
}

async function createOnce(
  { ids, give, run }: Bringing,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Ended> {
  const first = await give({ name, input: { ...input, idempotencyKey: ids.key(name, input) } });
  if (first.refusal === undefined || !first.isEarlier || first.refusal.code === 'ALREADY_EXISTS') return first;
  return await give({ name, input: { ...input, idempotencyKey: ids.key(name, input, run) } });
}
