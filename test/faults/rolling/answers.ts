/** What requests and subscriptions may come to while processes are restarted one after another, and what none may. */
import { type Asked, GIVEN_UP, NO_CONNECTION, type OnFailure } from '../workload/gateway-client.ts';

/** How long clients wait for an answer, ms: longer than a gateway takes to end, so that nobody leaves before it has answered. */
export const PATIENCE_MS = 30_000;

type Way = Asked['way'];

interface Kind {
  readonly name: string;
  /** `CODE: message` of the failure. */
  readonly told: RegExp;
}

/** The client asks again, here or at another gateway, and knows that it may. */
const RETRIABLE: Readonly<Record<Way, readonly Kind[]>> = {
  request: [
    { name: 'UNAVAILABLE', told: /^UNAVAILABLE: / },
    { name: 'no connection: the gateway was not there', told: new RegExp(`^NO_ANSWER: ${NO_CONNECTION}$`) },
  ],
  subscription: [
    { name: 'UNAVAILABLE', told: /^UNAVAILABLE: / },
    { name: 'told to come back (1012)', told: /^NO_ANSWER: the connection broke: 1012$/ },
    { name: 'no connection: the gateway was not there', told: new RegExp(`^NO_ANSWER: ${NO_CONNECTION}$`) },
  ],
};

/** What the workload brings upon itself: wrong requests that are rightly refused, and what it does not wait for. */
const ITS_OWN: Readonly<Record<Way, readonly Kind[]>> = {
  request: [
    { name: 'BAD_USER_INPUT', told: /^BAD_USER_INPUT: / },
    { name: 'IDEMPOTENCY_KEY_REUSED', told: /^IDEMPOTENCY_KEY_REUSED: / },
    { name: 'given up by an impatient client', told: new RegExp(`^NO_ANSWER: ${GIVEN_UP} (?!${PATIENCE_MS} )`) },
  ],
  subscription: [
    { name: 'hung up by the client', told: /^NO_ANSWER: the connection broke: (1000|4499)$/ },
    // Of a transaction that waits for another, or of a user who does nothing.
    { name: 'left by a client that heard nothing new', told: /^NO_ANSWER: nothing came for / },
  ],
};

export class Answers {
  /** How often each came, by way and name. */
  readonly retriable: Record<string, number> = {};
  readonly itsOwn: Record<string, number> = {};
  /** What no client should see, as it was told; the first of each. */
  readonly failed: Record<string, number> = {};

  readonly #tell: (line: string) => void;

  /** @param tell of each that no client should see */
  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  readonly note: OnFailure = ({ code, message }, { way, gateway, query }) => {
    const told = `${code}: ${message}`;
    const named = (kinds: readonly Kind[]) => kinds.find((kind) => kind.told.test(told))?.name;
    const retriable = named(RETRIABLE[way]);
    const itsOwn = named(ITS_OWN[way]);
    if (retriable !== undefined) count(this.retriable, `${way}: ${retriable}`);
    else if (itsOwn !== undefined) count(this.itsOwn, `${way}: ${itsOwn}`);
    else {
      count(this.failed, `${way}: ${told}`);
      this.#tell(`${gateway} failed a ${way}: ${told}; ${fieldIn(query)}`);
    }
  };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The first field that was asked for. */
function fieldIn(query: string): string {
  return /\{\s*(?:\w+:\s*)?(\w+)/.exec(query)?.[1] ?? query;
}
