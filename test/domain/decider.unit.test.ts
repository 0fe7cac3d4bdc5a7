/** What every decider promises, whatever it is told: exactly one outcome, always the same, and nothing thrown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Authority,
  aggregates,
  type CommandMeta,
  type CustomerCommands,
  decide,
  evolve,
  isRejection,
  type Message,
} from '../../domain/index.ts';
import { type AnyAggregate, allAggregates } from '../../domain/registry.ts';
import { anyDataOf } from './any-data.ts';
import { META, metaFor } from './given.ts';

/** Mostly an admin; now and then a customer, whose an entity may be, or somebody from before roles were recorded. */
const anyIssuer = fc.constantFrom<{ readonly issuedBy?: string; readonly authority?: Authority }>(
  ...[{}, {}, { issuedBy: 'a', authority: 'customer' as const }, { authority: 'legacy' as const }],
);

/** Any sequence of commands to one aggregate, each decided on the state that the ones before it left. */
function promises(aggregate: AnyAggregate): void {
  const { check, commands, events, rights, routes } = aggregate;
  const anyCommand = fc.oneof(
    ...Object.entries(commands).map(([type, schema]) => anyDataOf(schema).map((data) => ({ type, data }))),
  );
  const seen = { accepted: 0, rejected: 0 };
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 12 }), anyIssuer, (given, issuer) => {
      let state = aggregate.initialState;
      for (const command of given) {
        const meta = metaFor(aggregate, command.type, { ...issuer });
        const outcome = decide(aggregate, command, state, meta);
        expect(decide(aggregate, structuredClone(command), state, meta)).toEqual(outcome);
        if (isRejection(outcome)) {
          seen.rejected++;
          expect(outcome.code).toMatch(/^[A-Z_]+$/);
          expect(outcome.message).not.toBe('');
          // What is malformed, or given by somebody without the right to it, is no processor's question.
          const isForm = check[command.type]?.(command.data, meta.at) !== undefined;
          const isFollowUp = rights[command.type]?.least === 'system' && outcome.code !== 'FORBIDDEN' && !isForm;
          const hint = `${command.type} can be rejected, and nobody is told: whoever asked for it waits for ever. Add a route to routes.rejections of ${aggregate.name}`;
          if (isFollowUp) expect(Object.keys(routes.rejections ?? {}), hint).toContain(command.type);
          continue;
        }
        seen.accepted++;
        for (const event of outcome) {
          events[event.type]?.parse(JSON.parse(JSON.stringify(event.data)));
          state = evolve(aggregate, state, event, META.at);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.accepted, seen.rejected)).toBeGreaterThan(0);
}

describe('a decider', () => {
  it.each(allAggregates)('of $name gives every command exactly one outcome', (aggregate) => promises(aggregate));

  it('asks the check before the rule, so that a malformed command is rejected for its form', () => {
    const rename: Message<CustomerCommands> = {
      type: 'updateCustomer',
      data: { customerId: 'nobody', firstName: ' ' },
    };
    expect(decide(aggregates.customers, rename, aggregates.customers.initialState, META)).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('takes times from the command alone', () => {
    const { customers } = aggregates;
    const at: CommandMeta['at'] = '1999-12-31T23:59:59.000Z';
    const ada = { firstName: 'Ada', lastName: 'Lovelace', email: null };
    expect(evolve(customers, customers.initialState, { type: 'CustomerRegistered', data: ada }, at).registeredAt).toBe(
      at,
    );
  });

  it('is known by its name in the plural', () => {
    for (const [name, decider] of Object.entries(aggregates)) expect(decider.name).toBe(name);
  });
});
