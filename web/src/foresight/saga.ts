/**
 * The domain's own rules, run in the browser over what the page knows: a command, and all that it asks of other aggregates,
 * as the processors would decide it. Pure.
 */
import {
  type CommandMeta,
  decide,
  evolve,
  type FollowUp,
  isRejection,
  type Rejection,
  type Versioned,
} from '../../../domain/index';
import { aggregateNamed } from '../../../domain/registry';

/** States by `placeOf`. */
export type States = ReadonlyMap<string, Versioned>;

/** What a state is found under. */
export const placeOf = ({ aggregate, id }: Pick<FollowUp, 'aggregate' | 'id'>): string => `${aggregate}/${id}`;

export type Outcome =
  | { readonly refusal: Rejection }
  /** The states after it; of an aggregate that is not known nothing can be told, and it has answered nothing. */
  | { readonly refusal: null; readonly states: States };

/** Decides the command and what follows from it. */
export function run(first: FollowUp, known: States, meta: CommandMeta): Outcome {
  const states = new Map(known);
  const asked: FollowUp[] = [first];
  // The list grows while it is walked, until nobody asks for more.
  for (const command of asked) {
    const { aggregate: name, id, type, data } = command;
    const { routes } = aggregateNamed(name);
    const was = states.get(placeOf(command));
    if (was === undefined) continue;
    const isFirst = command === first;
    const outcome = decide(
      aggregateNamed(name),
      { type, data },
      was,
      isFirst ? meta : { ...meta, authority: 'system' },
    );
    if (isRejection(outcome)) {
      if (isFirst) return { refusal: outcome };
      asked.push(...(routes.rejections[type]?.(data, outcome) ?? []));
      continue;
    }
    const evolved = outcome.reduce((state, event) => evolve(aggregateNamed(name), state, event, meta.at), was);
    states.set(placeOf(command), evolved);
    for (const event of outcome) asked.push(...(routes.events[event.type]?.(event.data, id) ?? []));
  }
  return { refusal: null, states };
}
