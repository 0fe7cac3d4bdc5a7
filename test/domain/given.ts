/** Given what has happened, when a command comes, then this is decided: the form of the domain's tests. */
import { expect } from 'vitest';
import {
  type Authority,
  type Catalogue,
  type CommandMeta,
  type Decider,
  decide,
  evolve,
  isRejection,
  type Message,
  type Versioned,
} from '../../domain/index.ts';

/** When everything of the past happened. */
export const EARLIER = '2026-01-01T08:00:00.000Z';
/** When the command was written. */
export const NOW = '2026-01-01T09:00:00.000Z';
export const META: CommandMeta = {
  commandId: 'command-1',
  transactionId: 'transaction-1',
  issuedBy: 'ada',
  authority: 'admin',
  at: NOW,
};

/** An admin's command, or a processor's where only those may give it. */
export function metaFor<C extends Catalogue>(
  { rights }: Pick<Decider<C, Catalogue, Versioned>, 'rights'>,
  type: keyof C,
  issuer: { readonly issuedBy?: string; readonly authority?: Authority } = {},
): CommandMeta {
  return { ...META, ...(rights[type].least === 'system' ? { authority: 'system' } : {}), ...issuer };
}

interface ExpectedRejection {
  readonly code: string;
  readonly message?: string;
  readonly field?: string;
}

export function given<
  C extends Readonly<Record<string, unknown>>,
  E extends Readonly<Record<string, unknown>>,
  S extends Versioned,
  P,
>(decider: Decider<C, E, S, P>, ...history: readonly Message<E>[]) {
  const past = history.reduce((state, event) => evolve(decider, state, event, EARLIER), decider.initialState);
  return {
    state: past,
    /** @param issuer default: an admin, or the system for what only that may give */
    when(command: Message<C>, issuer: Parameters<typeof metaFor>[2] = {}) {
      const meta = metaFor(decider, command.type, issuer);
      const outcome = decide(decider, command, past, meta);
      // A processor gives it no other part than the one that the command needs.
      expect(decide(decider, command, withOnlyNeeded(decider, past, command), meta)).toEqual(outcome);
      const events = isRejection(outcome) ? [] : outcome;
      return {
        /** Decided are these events, in this order, and no others. */
        decides(...expected: readonly Message<E>[]): void {
          expect(outcome).toEqual(expected);
        },
        /** All is well, and there is nothing to do. */
        changesNothing(): void {
          expect(outcome).toEqual([]);
        },
        /** Rejected with this code, because of this field, and a message that a person can read. */
        rejects(rejection: ExpectedRejection): void {
          expect(outcome).toMatchObject({ message: expect.stringMatching(/\S+ \S+/), ...rejection });
        },
        /** The state once what was decided has happened. */
        state: events.reduce((state, event) => evolve(decider, state, event, NOW), past),
      };
    },
  };
}

function withOnlyNeeded<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { parts }: Decider<C, E, S, P>,
  state: S,
  command: Message<C>,
): S {
  const needed = parts?.neededBy(command);
  const part = needed === undefined ? undefined : parts?.get(state, needed);
  const none = parts?.none(state) ?? state;
  return parts === undefined || needed === undefined || part === undefined ? none : parts.set(none, needed, part);
}
