/** Statuses as words with a colour; the colour never stands alone. */
import type { PurchaseStatus, TransactionStatus } from '../gql/graphql';

export type Tone = 'good' | 'wait' | 'bad' | 'off';

const purchaseTones: Record<PurchaseStatus, Tone> = {
  PENDING: 'wait',
  CONFIRMED: 'good',
  CANCELLED: 'off',
  REJECTED: 'bad',
};
const transactionTones: Record<TransactionStatus, Tone> = {
  ACCEPTED: 'wait',
  PENDING: 'wait',
  COMPLETED: 'good',
  REJECTED: 'bad',
};

/** `CONFIRMED` → `Confirmed`. */
export const statusTitle = (status: string): string => status.charAt(0) + status.slice(1).toLowerCase();

/** A word on a ground of its tone. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/** A purchase's status. */
export const PurchaseBadge = ({ status }: { readonly status: PurchaseStatus }) => (
  <Badge tone={purchaseTones[status]}>{statusTitle(status)}</Badge>
);

/** A transaction's status. */
export const TransactionBadge = ({ status }: { readonly status: TransactionStatus }) => (
  <Badge tone={transactionTones[status]}>{statusTitle(status)}</Badge>
);
