/** The command bus as mutations reach it, traced: here a transaction's trace begins, or goes on from the client's. */
import type { Submit } from '../transactions/submit.ts';
import type { Traces } from './traces.ts';

export function observedSubmit(submit: Submit, traces: Traces | undefined): Submit {
  if (traces === undefined) return submit;
  return async (submission) => {
    const { command, traceparent, since } = submission;
    const mutation = traces.mutation(command, traceparent, since);
    try {
      const receipt = await submit({ ...submission, traceparent: mutation.traceparent });
      mutation.end(receipt.transactionId);
      return receipt;
    } catch (error) {
      mutation.fail(error);
      throw error;
    }
  };
}
