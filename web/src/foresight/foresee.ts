/**
 * What would become of an order, by the domain's own rules and by what the page knows at this moment. A promise of nothing:
 * the server decides, by what it knows then.
 */
import type { Authority, RejectionCode } from '../../../domain/index';
import type { RecordedRejection } from '../../../domain/recorded-rejection';
import { aggregateNamed } from '../../../domain/registry';
import type { Order } from '../graph/kinds';
import type { ViewerState } from '../graph/viewer';
import { commandOf, isOfNew } from './orders';
import { placeOf, run } from './saga';
import { endOfPurchase, type Shown, statesOf } from './states';

export interface Foresight {
  /** Why it would be rejected as things stand; null: as far as can be told it would not. */
  readonly refusal: RecordedRejection | null;
  /** That nothing can happen meanwhile which would make it right: it need not be sent. */
  readonly isSure: boolean;
  /** The state of what it is about, once it is done; null where that cannot be told. */
  readonly state: unknown;
  /** The end that is expected, in a word or two: `confirmed, 12.30`. */
  readonly end: string | null;
}

/**
 * Rejections that last: what is wrong in the input stays wrong, versions only grow, and what is removed or at its end stays
 * so. Of all others, such as too little stock, the opposite may be true when the command is decided.
 */
const LASTING: ReadonlySet<string> = new Set<RejectionCode>([
  'INVALID_INPUT',
  'FORBIDDEN',
  'VERSION_CONFLICT',
  'CUSTOMER_REMOVED',
  'NOT_CANCELLABLE',
]);

const AUTHORITIES: Readonly<Record<ViewerState['role'], Authority>> = {
  VISITOR: 'visitor',
  CUSTOMER: 'customer',
  STAFF: 'staff',
  ADMIN: 'admin',
};

const UNKNOWN: Foresight = { refusal: null, isSure: false, state: null, end: null };

const refused = (refusal: RecordedRejection): Foresight => ({
  refusal,
  isSure: LASTING.has(refusal.code),
  state: null,
  end: null,
});

/** @param now ISO 8601 UTC */
export function foresee(order: Order, shown: Shown, viewer: ViewerState, now: string): Foresight {
  const command = commandOf(order, viewer.role === 'CUSTOMER' ? viewer.id : null);
  if (command === null) return UNKNOWN;
  const known = new Map(statesOf(shown));
  if (isOfNew(order)) known.set(placeOf(command), aggregateNamed(command.aggregate).initialState);
  const authority = AUTHORITIES[viewer.role];
  const meta = { commandId: '', transactionId: '', issuedBy: viewer.id, authority, at: now };
  const outcome = run(command, known, meta);
  return outcome.refusal === null ? endOf(order, outcome.states.get(placeOf(command))) : refused(outcome.refusal);
}

function endOf({ command }: Order, state: unknown): Foresight {
  if (state === undefined) return UNKNOWN;
  if (command !== 'placePurchase') return { ...UNKNOWN, state, end: 'done' };
  const { status, total, rejection } = endOfPurchase(state);
  if (rejection !== null) return refused(rejection);
  return { ...UNKNOWN, state, end: status === 'CONFIRMED' ? `confirmed, ${total}` : null };
}
