/** What a receiver gets: an event as CloudEvents' JSON, signed as Standard Webhooks 1.0 has it. */
import { createHmac } from 'node:crypto';
import type { LogRecord } from '../log/event-log.ts';
import { attributesOf } from '../records/cloud-event.ts';

const PREFIX = 'whsec_';

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * `v1,` and the HMAC-SHA256 of `<id>.<timestamp>.<body>` in base64.
 * @param secret `whsec_` and the key in base64
 * @param timestamp of the attempt, seconds since 1970
 */
export function signatureOf(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * @param record an event, with its personal texts open; of who was erased they stay sealed
 * @param secrets each gives a signature; the receiver takes the message for one that it knows
 * @throws {UnreadableRecord}
 */
export function messageOf(record: LogRecord, secrets: readonly string[], now: number): Message {
  const { id, type, source, subject, time, dataversion, transactionid, issuedby, causationid, version } =
    attributesOf(record);
  const body = JSON.stringify({
    ...{ specversion: '1.0', id, type, source, subject, time, datacontenttype: 'application/json' },
    dataschema: `counterfoil:${type}/${dataversion ?? 1}`,
    ...{ transactionid, issuedby, causationid, version },
    data: JSON.parse(String(record.value)),
  });
  const timestamp = Math.floor(now / 1000);
  const signatures = secrets.map((secret) => signatureOf(secret, id, timestamp, body));
  return {
    headers: {
      'content-type': 'application/cloudevents+json',
      'user-agent': 'Counterfoil',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
    },
    body,
  };
}
