/**
 * One execution for many subscribers: those who ask the same of the same event, as the same viewer, get the result that the
 * first of them got. Thousands who watch one product would each have it executed for themselves otherwise.
 */
import { createHash } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, print } from 'graphql';
import type { ViewerIdentity } from '../transactions/viewer.ts';

/**
 * For how long a result is given to others, in ms. An event may be asked for late, by who is slow; what its operation reads
 * beside the event is to be as it is then, and not as it was for the first.
 */
const SHARED_MS = 50;

type Result = ExecutionResult | Promise<ExecutionResult>;

interface Shared {
  readonly until: number;
  readonly result: Result;
}

/** Of all subscriptions of a gateway. */
export class SharedResults {
  /** By event, then by operation. An event is one object for all who are told of it. */
  readonly #ofEvents = new WeakMap<object, Map<string, Shared>>();
  readonly #clock: () => number;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** @param operation what is asked, and by whom: see `operationKey` */
  of(event: unknown, operation: string, execute: () => Result): Result {
    if (typeof event !== 'object' || event === null) return execute();
    const now = this.#clock();
    const ofEvent = this.#ofEvents.get(event) ?? new Map<string, Shared>();
    this.#ofEvents.set(event, ofEvent);
    const known = ofEvent.get(operation);
    if (known !== undefined && known.until > now) return known.result;
    const result = execute();
    ofEvent.set(operation, { until: now + SHARED_MS, result });
    return result;
  }
}

/** The same for the same operation with the same variables by the same viewer, and for nothing else. */
export function operationKey(
  { document, operationName, variableValues }: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>,
  viewer: ViewerIdentity,
): string {
  const asked = [document.loc?.source.body ?? print(document), operationName ?? null, variableValues ?? null, viewer];
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64');
}
