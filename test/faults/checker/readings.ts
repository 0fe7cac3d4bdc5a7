/** (i) After a COMPLETED was pushed, a `reflecting` query showed it. */
import type { History } from '../history.ts';

export function checkReadings({ readings }: History): string[] {
  return readings.flatMap(({ transactionId, aggregate, entityId, entityVersion, gateway, shown }) => {
    if (typeof shown === 'number' && shown >= entityVersion) return [];
    const is =
      shown === null ? 'nothing' : typeof shown === 'number' ? `version ${shown}` : `the refusal ${shown.refused}`;
    const want = `version ${entityVersion} of ${aggregate} ${entityId}`;
    return [`a query that reflects ${transactionId} at ${gateway} showed ${is} where ${want} is due`];
  });
}
