/** The headers of a state as a processor writes it; what lacks them is nobody's state. */
import { toHeaders } from '../records/cloud-event.ts';
import { STATE } from '../records/state-record.ts';

export function stateHeaders(id: string, version: number): Readonly<Record<string, string>> {
  return toHeaders({
    id: `${id}@${version}`,
    type: STATE,
    source: '/processors',
    subject: id,
    time: '2024-01-01T00:00:00.000Z',
    version,
  });
}
