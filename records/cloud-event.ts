/** What stands in a record's headers: CloudEvents 1.0, Kafka protocol binding, binary mode, with our extensions. */
import { z } from 'zod';
import { type Upcasters, upcast } from '../domain/versions.ts';
import type { LogRecord } from '../log/event-log.ts';
import { conforms } from './conformance.ts';
import { arePlain, MOST_HEADER } from './plain-headers.ts';

/** Attributes without their `ce_`; names of extensions are lower-case letters, as CloudEvents asks. */
export interface EventAttributes {
  readonly id: string;
  /** Name of the command, event or state. */
  readonly type: string;
  /** Who wrote it, as a URI reference: `/gateway`, `/processors/products`. */
  readonly source: string;
  /** The aggregate's id. */
  readonly subject: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  /** The version of the data's schema; left out, as on records from before there were any, it is 1. */
  readonly dataversion?: number | undefined;
  /** The transaction it belongs to. A user's command has it as its `id` too. */
  readonly transactionid?: string | undefined;
  readonly issuedby?: string | undefined;
  /** Of a user's command: the issuer's roles when it was written, with commas between. */
  readonly roles?: string | undefined;
  /** `id` of the command that caused it. */
  readonly causationid?: string | undefined;
  /** The aggregate's version after an event, or of a state. */
  readonly version?: number | undefined;
  /** Of a user's command with an idempotency key: the key, of this user, as an id. */
  readonly idempotencykey?: string | undefined;
  /** What the key stands for: a hash of the whole command. */
  readonly bodyhash?: string | undefined;
  /** W3C trace context, where the transaction is traced: of the span that the record follows from. */
  readonly traceparent?: string | undefined;
}

/**
 * Bounded: attributes are copied to every record that a command causes, and those must fit on the log. Bytes that are no
 * UTF-8 were read as U+FFFD, the replacement character, which no header of ours holds.
 */
const header = z
  .string()
  .min(1)
  .max(MOST_HEADER)
  .refine((text) => !text.includes('\ufffd'), 'it is not UTF-8');
/** CloudEvents asks for a URI: `counterfoil:<type>/<version>`. */
const SCHEMA = /\/([1-9]\d{0,5})$/;

const attributes = z.object({
  ce_id: header,
  ce_type: header,
  ce_source: header,
  ce_subject: header,
  ce_time: z.iso.datetime(),
  ce_dataschema: header.regex(SCHEMA, 'it must end in a version, as counterfoil:ProductAdded/1 does').optional(),
  ce_transactionid: header.optional(),
  ce_issuedby: header.optional(),
  ce_roles: header.optional(),
  ce_causationid: header.optional(),
  ce_version: z.coerce.number().int().optional(),
  ce_idempotencykey: header.optional(),
  ce_bodyhash: header.optional(),
  // Of no consequence for what is decided: a malformed one must not make a command unreadable.
  traceparent: header.optional().catch(undefined),
});

/**
 * Header values are text; one that holds other than printable ASCII is percent-encoded, as the binding asks.
 * @throws {URIError} for half of a surrogate pair, which no bytes can stand for
 */
function encode(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) && !text.includes('%') ? text : encodeURIComponent(text);
}

/** A header's text from how it stands there. @throws {URIError} when it is not percent-encoded as it should be */
export function decoded(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}

export function toHeaders(event: EventAttributes): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: event.source,
    ce_subject: event.subject,
    ce_time: event.time,
  };
  headers['ce_dataschema'] = `counterfoil:${event.type}/${event.dataversion ?? 1}`;
  if (event.transactionid !== undefined) headers['ce_transactionid'] = event.transactionid;
  if (event.issuedby !== undefined) headers['ce_issuedby'] = encode(event.issuedby);
  if (event.roles !== undefined) headers['ce_roles'] = event.roles;
  if (event.causationid !== undefined) headers['ce_causationid'] = event.causationid;
  if (event.version !== undefined) headers['ce_version'] = String(event.version);
  if (event.idempotencykey !== undefined) headers['ce_idempotencykey'] = event.idempotencykey;
  if (event.bodyhash !== undefined) headers['ce_bodyhash'] = event.bodyhash;
  if (event.traceparent !== undefined) headers['traceparent'] = event.traceparent;
  return headers;
}

/** A record that cannot be read: the message says what is wrong with it, in one line. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
  /** The path within the record's data to what is wrong, `lines.0.quantity`, where it is that. */
  readonly path: string | undefined;

  constructor(message: string, path?: string) {
    super(message);
    this.path = path;
  }
}

/** @throws {UnreadableRecord} when a required attribute is missing or malformed. */
export function attributesOf({ unreadable, headers }: Pick<LogRecord, 'unreadable' | 'headers'>): EventAttributes {
  if (unreadable !== undefined) throw new UnreadableRecord(unreadable);
  if (!arePlain(headers) || !hasVersion(headers.ce_dataschema)) return attributesBySchema(headers);
  return named(headers, headers.ce_version === undefined ? undefined : Number(headers.ce_version));
}

/** The same of any headers, by the schema alone. @throws {UnreadableRecord} */
export function attributesBySchema(headers: LogRecord['headers']): EventAttributes {
  const parsed = attributes.safeParse(headers);
  if (!parsed.success) throw new UnreadableRecord(`headers: ${firstIssue(parsed.error)}`);
  return named(parsed.data, parsed.data.ce_version);
}

function named(h: Omit<z.infer<typeof attributes>, 'ce_version'>, version: number | undefined): EventAttributes {
  return {
    id: h.ce_id,
    type: h.ce_type,
    source: h.ce_source,
    subject: h.ce_subject,
    time: h.ce_time,
    dataversion: dataVersion(h.ce_dataschema),
    transactionid: h.ce_transactionid,
    issuedby: h.ce_issuedby === undefined ? undefined : decodeOrFail(h.ce_issuedby),
    roles: h.ce_roles,
    causationid: h.ce_causationid,
    version,
    idempotencykey: h.ce_idempotencykey,
    bodyhash: h.ce_bodyhash,
    traceparent: h.traceparent,
  };
}

/** The version of the schema that the record's data was written in. */
export function dataVersionOf({ headers }: Pick<LogRecord, 'headers'>): number {
  return dataVersion(headers['ce_dataschema']);
}

/** By what stands in the header: there are few, and each stands in very many records. 0: none. */
const versions = new Map<string, number>();
const MOST_VERSIONS = 1_000;
const MOST_SCHEMA = 200;

function dataVersion(schema: string | undefined): number {
  return versionIn(schema) || 1;
}

function hasVersion(schema: string | undefined): boolean {
  return schema === undefined || versionIn(schema) > 0;
}

function versionIn(schema = ''): number {
  const known = versions.get(schema);
  if (known !== undefined) return known;
  const version = Number(SCHEMA.exec(schema)?.[1] ?? 0);
  // A stranger's header may be of any length.
  if (versions.size < MOST_VERSIONS && schema.length <= MOST_SCHEMA) versions.set(schema, version);
  return version;
}

function decodeOrFail(text: string): string {
  try {
    return decoded(text);
  } catch {
    throw new UnreadableRecord('headers: ce_issuedby is not percent-encoded as it should be');
  }
}

/**
 * The record's JSON, brought to the newest version by `upcasters` and read by `schema`.
 * @throws {UnreadableRecord}
 */
export function dataOf<T>(record: LogRecord, schema: z.ZodType<T>, upcasters?: Upcasters): T {
  if (record.unreadable !== undefined) throw new UnreadableRecord(record.unreadable);
  if (record.value === null) throw new UnreadableRecord('value: it is null');
  let json: unknown;
  try {
    json = JSON.parse(record.value.toString('utf8'));
  } catch {
    throw new UnreadableRecord('value: it is not JSON');
  }
  const newest = upcast(upcasters, dataVersionOf(record), json);
  if (conforms(schema, newest)) return newest;
  const parsed = schema.safeParse(newest);
  if (!parsed.success)
    throw new UnreadableRecord(`value: ${firstIssue(parsed.error)}`, parsed.error.issues[0]?.path.join('.'));
  return parsed.data;
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'it is malformed' : `${issue.path.join('.') || 'it'}: ${issue.message}`;
}
