/** A counterfoil: one mutation made on this page, from the click to its end. */
import type { Role, TransactionFieldsFragment } from '../gql/graphql';
import {
  commandNamed,
  definitionOf,
  entityNamedBy,
  isKind,
  type Kind,
  kindOfCommand,
  type Order,
} from '../graph/kinds';
import { atLeast } from '../graph/viewer';
import { pathIn } from '../text/paths';
import type { BasketLine } from './basket';

export type CounterfoilState =
  /** On its way: no receipt yet. */
  | 'sending'
  /** The server did not answer; it is sent again, with the same key, until it does. */
  | 'unreached'
  /** The command is in the log; steps come in. */
  | 'running'
  | 'completed'
  /** A rule rejected it. */
  | 'rejected'
  /** The server did not accept the command (malformed, not allowed): nothing was written. */
  | 'not-accepted'
  /** Too long ago to tell what became of it. */
  | 'unknown';

export interface Counterfoil {
  /** The idempotency key, made before the first sending. */
  readonly key: string;
  readonly order: Order;
  /** What it is about, in a few words: `QUICK-Stop · 3 products`. */
  readonly about: string;
  /** Entities it touches: their rows show that something is under way. */
  readonly touches: readonly string[];
  readonly madeAt: number;
  readonly state: CounterfoilState;
  readonly transactionId: string | null;
  readonly entityId: string | null;
  readonly steps: TransactionFieldsFragment['steps'];
  readonly rejection: TransactionFieldsFragment['rejection'];
  /** Why the server did not accept the command, or why no more is known of it. */
  readonly problem: string | null;
  /** From the click to the end, in ms; null while it runs, and when the page was away meanwhile. */
  readonly tookMs: number | null;
  /** The version that the page showed of what is to be changed. */
  readonly seen?: number;
  /** How it is expected to end, by the domain's rules: `confirmed, 12.30`. */
  readonly expected?: string;
  /** What the basket held, for a purchase placed from there. */
  readonly goods?: readonly BasketLine[];
  /** Whether the goods are in the basket again after a rejection; left out until that is decided. */
  readonly wentBack?: boolean;
}

/** Its end is not known yet. */
export const isPending = ({ state }: Counterfoil): boolean =>
  state === 'sending' || state === 'unreached' || state === 'running';

/** It ended without effect: rejected by a rule, or not accepted at all. */
export const isWithoutEffect = ({ state }: Counterfoil): boolean => state === 'rejected' || state === 'not-accepted';

/** A command's name for people. */
export const commandTitle = (command: string): string =>
  commandNamed(command)?.title ?? command.replace(/([A-Z])/g, ' $1').toLowerCase();

/** Where the entity that a command is about is shown to someone of this role; null for one that has no page. */
export function entityPath(command: string, id: string, role: Role): string | null {
  const kind = kindOfCommand(command);
  return kind === undefined ? null : pathOf(kind, id, role);
}

function pathOf(kind: Kind, id: string, role: Role): string | null {
  const { plural, listedFor, ownPath } = definitionOf(kind);
  return atLeast(role, listedFor) ? pathIn(plural)(id) : (ownPath ?? null);
}

/**
 * Where a counterfoil leads: to the entity it made or changed; after a rejection for the sake of another that its input
 * names, to that one. Null for nowhere.
 */
export function linkOf(item: Counterfoil, role: Role): string | null {
  const { order } = item;
  if (isWithoutEffect(item)) {
    const named = entityNamedBy(item.rejection?.field ?? '', order);
    if (named !== undefined && isKind(named.kind)) return pathOf(named.kind, named.id, role);
    if (commandNamed(order.command)?.leavesNoneIfRejected) return null;
  }
  return item.entityId === null ? null : entityPath(order.command, item.entityId, role);
}

/** The step's name for people. */
export function stepTitle(command: string, name: string): string {
  return name === 'completed' ? (commandNamed(command)?.endTitle ?? 'done') : name;
}
