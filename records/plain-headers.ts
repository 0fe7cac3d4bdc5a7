/**
 * A fast path for reading headers: those that this program writes are plain, and need none of the rarer rules of the schema
 * in `cloud-event.ts`. Whatever is not plain is left to the schema, which also says what is wrong with it.
 */

/** As many characters as a header may have. */
export const MOST_HEADER = 16_384;

/** What the schema makes of a number, in its usual form. */
const WHOLE_NUMBER = /^\d{1,15}$/;
/** ISO 8601 in UTC with milliseconds, on a day that every month has. */
const USUAL_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

const NEEDED = ['ce_id', 'ce_type', 'ce_source', 'ce_subject'] as const;
const OTHERS = [
  'ce_dataschema',
  'ce_transactionid',
  'ce_issuedby',
  'ce_roles',
  'ce_causationid',
  'ce_idempotencykey',
  'ce_bodyhash',
  'traceparent',
] as const;

type PlainHeaders = { readonly [H in (typeof NEEDED)[number] | 'ce_time']: string } & {
  readonly [H in (typeof OTHERS)[number] | 'ce_version']?: string;
};

/** Whether the schema would take each of them as it is, but for the form of `ce_dataschema`, which is not looked at. */
export function arePlain(headers: Readonly<Record<string, unknown>>): headers is PlainHeaders {
  const { ce_time: time, ce_version: version } = headers;
  return (
    NEEDED.every((name) => isText(headers[name])) &&
    OTHERS.every((name) => headers[name] === undefined || isText(headers[name])) &&
    typeof time === 'string' &&
    USUAL_TIME.test(time) &&
    (version === undefined || (typeof version === 'string' && WHOLE_NUMBER.test(version)))
  );
}

/** U+FFFD is the replacement character: bytes that are no UTF-8 were read as it. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MOST_HEADER && !value.includes('\ufffd');
}
