/** Who waits is answered: what every saga needs, whichever aggregates take part in it, and the compiler cannot see. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { decide, evolve, type FollowUp, isRejection, type Rejection } from '../../domain/index.ts';
import { type AnyAggregate, allAggregates } from '../../domain/registry.ts';
import { anyDataOf } from './any-data.ts';
import { META, metaFor } from './given.ts';

/** The same sequences in every run: whether one of them begins and ends a transaction must not be chance. */
const SEED = 20_260_101;
const SAMPLES = 50;
const anyRejection: Rejection = { code: 'NOT_FOUND', message: 'there is none' };

const samplesOf = (schema: z.ZodType) => fc.sample(anyDataOf(schema), { numRuns: SAMPLES, seed: SEED });

/** The commands that the saga's routes and the deadlines write: `products.reserveStock`. */
function askedFor(): ReadonlySet<string> {
  const asked = new Set<string>();
  const note = ({ aggregate, type }: Pick<FollowUp, 'aggregate' | 'type'>) => asked.add(`${aggregate}.${type}`);
  for (const { name, commands, events, routes, progress } of allAggregates) {
    for (const [type, schema] of Object.entries(events)) {
      for (const data of samplesOf(schema)) routes.events[type]?.(data, 'a').forEach(note);
    }
    for (const [type, schema] of Object.entries(commands)) {
      const route = routes.rejections[type];
      for (const data of samplesOf(schema)) route?.(data, anyRejection).forEach(note);
    }
    const deadline = progress?.deadline?.command('a');
    if (deadline !== undefined) note({ aggregate: name, type: deadline.type });
  }
  return asked;
}

describe('the routes of the saga', () => {
  const asked = askedFor();
  const ofTheSystem = allAggregates.flatMap(({ name, rights }) =>
    Object.keys(rights).flatMap((type) => (rights[type]?.least === 'system' ? [{ name, type }] : [])),
  );

  it.each(ofTheSystem)('ask for $type of $name, which nobody else may give', ({ name, type }) => {
    const hint = `no route and no deadline asks for ${type}, so whoever waits for it waits for ever. Add a route to routes.events or routes.rejections of the aggregate that is to tell ${name}, or delete the command`;
    expect([...asked], hint).toContain(`${name}.${type}`);
  });
});

/** Any sequence of commands to one aggregate: where each event leaves the transaction that the entity keeps open. */
function promises(aggregate: AnyAggregate, progress: NonNullable<AnyAggregate['progress']>): void {
  const { check, commands } = aggregate;
  // Well-formed ones alone: malformed ones are rejected, and the long lists among them would be nearly all.
  const anyCommand = fc.oneof(
    ...Object.entries(commands).map(([type, schema]) =>
      anyDataOf(schema)
        .filter((data) => check[type]?.(data, META.at) === undefined)
        .map((data) => ({ type, data })),
    ),
  );
  const seen = { begun: 0, ended: 0 };
  fc.assert(
    fc.property(fc.array(anyCommand, { minLength: 8, maxLength: 16, size: 'max' }), (given) => {
      let state = aggregate.initialState;
      let steps = 0;
      for (const [at, command] of given.entries()) {
        const meta = { ...metaFor(aggregate, command.type), transactionId: `transaction-${at}` };
        const outcome = decide(aggregate, command, state, meta);
        for (const event of isRejection(outcome) ? [] : outcome) {
          const before = progress.pending(state);
          state = evolve(aggregate, state, event, META.at);
          const after = progress.pending(state);
          const step = before ? progress.steps[event.type]?.(event.data) : undefined;
          const final = step?.status === 'COMPLETED' || step?.status === 'REJECTED';
          if (!before && progress.begins[event.type] !== undefined) {
            seen.begun++;
            steps = 1;
            expect(after, `progress.begins has ${event.type}, and progress.pending is false after it`).toBe(true);
            expect(progress.transaction(state)?.id, 'progress.transaction: the one that began').toBe(
              meta.transactionId,
            );
          } else if (before) {
            if (!after) seen.ended++;
            if (step !== undefined) steps++;
            const hint = `after ${event.type} the entity is ${after ? 'still' : 'no longer'} pending, and its transaction ${final ? 'has ended' : 'goes on for ever'}: see progress.steps and progress.pending of ${aggregate.name}`;
            expect(final, hint).toBe(!after);
          } else {
            expect(
              after,
              `${event.type} leaves an entity pending: add it to progress.begins of ${aggregate.name}`,
            ).toBe(false);
          }
          if (after) expect(progress.soFar(state), 'progress.soFar: the steps until now').toHaveLength(steps);
        }
      }
    }),
    { numRuns: 100, seed: SEED },
  );
  expect(Math.min(seen.begun, seen.ended)).toBeGreaterThan(0);
}

describe('a transaction that waits for others', () => {
  const waiting = allAggregates.flatMap((aggregate) => {
    const { name, progress } = aggregate;
    return progress === undefined ? [] : [{ name, aggregate, progress }];
  });

  it.each(waiting)('of $name is open as long as the entity is pending, with the right number of steps', (one) =>
    promises(one.aggregate, one.progress),
  );
});
