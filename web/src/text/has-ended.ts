/** Whether a transaction of this status changes no more. */
export function hasEnded(status: 'ACCEPTED' | 'PENDING' | 'COMPLETED' | 'REJECTED'): boolean {
  return status === 'COMPLETED' || status === 'REJECTED';
}
