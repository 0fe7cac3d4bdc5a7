/** The last steps of transactions, as more than one aggregate has them. */
import type { ProgressStep } from './aggregate.ts';
import type { RecordedRejection } from './recorded-rejection.ts';

export const COMPLETED: ProgressStep = { name: 'completed', status: 'COMPLETED' };

export function rejectedBy(rejection: RecordedRejection): ProgressStep {
  return { name: 'rejected', status: 'REJECTED', rejection };
}
