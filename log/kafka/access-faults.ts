/**
 * Why a broker, or TLS on the way to it, refuses this process: which variable to look at. These are mistakes of
 * configuration, which no waiting mends; all else is an outage.
 */
import { messageOf } from '../message-of.ts';

/** Code, type or name of an error, and the way out. Codes are those of OpenSSL and Node, types those of Kafka's protocol. */
const WAYS_OUT: readonly (readonly [RegExp, string])[] = [
  [
    /^(UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN$|DEPTH_ZERO_SELF_SIGNED_CERT$|CERT_(SIGNATURE_FAILURE|UNTRUSTED)$)/,
    'no authority that is trusted here has signed the certificate of the broker: KAFKA_SSL_CA_FILE must name that authority’s',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'the certificate of the broker is for other hosts: KAFKA_BROKERS, and advertised.listeners of the brokers, must name one of them',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'the certificate of the broker is not valid at this time: renew it, or set the clock of this machine',
  ],
  [
    /^ERR_SSL_\w*ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA)$/,
    'the broker wants a certificate of this client that it trusts: KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE must name one',
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH)/,
    'whoever answers does not speak TLS: KAFKA_SSL, or the port in KAFKA_BROKERS, is wrong',
  ],
  [
    /^ERR_SSL_\w*ALERT_(HANDSHAKE_FAILURE|PROTOCOL_VERSION)$/,
    'the broker and this client know no cipher, or version of TLS, in common',
  ],
  [
    /^UNSUPPORTED_SASL_MECHANISM$/,
    'the broker does not take this mechanism: KAFKA_SASL_MECHANISM must be one of its sasl.enabled.mechanisms',
  ],
  [
    /^ILLEGAL_SASL_STATE$/,
    'the broker expects no user at this port: KAFKA_SASL_* must be left out, or KAFKA_BROKERS name another port',
  ],
  [/^SASL_REFUSED$/, 'the broker refuses the user: KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is wrong'],
  [
    /_AUTHORIZATION_FAILED$/,
    'the ACLs of the brokers do not let this user do so: docs/secure-engines.md lists what it needs',
  ],
];

const DENIED: Readonly<Record<number, string>> = {
  29: 'TOPIC_AUTHORIZATION_FAILED',
  30: 'GROUP_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  53: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
};

/** What went wrong in one line, with the way out where it is one of these mistakes. */
export function reasonOf(error: unknown): string {
  const said = inOneLine(saidBy(error));
  const way = wayOutOf(error);
  return way === undefined ? said : `${way} (${said})`;
}

/** The way out, for a mistake that waiting does not mend. */
export function wayOutOf(error: unknown): string | undefined {
  const words = causesOf(error).flatMap(wordsOf);
  return WAYS_OUT.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}

/** Whether the brokers' ACLs do not allow it. */
export function isDenied(error: unknown): boolean {
  return causesOf(error)
    .flatMap(wordsOf)
    .some((word) => word.endsWith('_AUTHORIZATION_FAILED'));
}

/** Whether the other end hung up before it had answered: what a broker does that is spoken to in another protocol. */
export function isHungUp(error: unknown): boolean {
  return causesOf(error).some((cause) => {
    return (
      cause instanceof Error && (cause.name === 'KafkaJSConnectionClosedError' || wordsOf(cause).includes('ECONNRESET'))
    );
  });
}

/** Whether TLS was spoken, if not to an end. */
export function isOfTls(error: unknown): boolean {
  return causesOf(error)
    .flatMap(wordsOf)
    .some((word) => word.startsWith('ERR_SSL_') && !word.includes('WRONG_VERSION'));
}

/** The error and what it was made of; kafkajs gathers several in `errors`, of which the first is as good as any. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  for (let cause = error; cause !== undefined && cause !== null && causes.length < 10; ) {
    causes.push(cause);
    const several: unknown = typeof cause === 'object' && 'errors' in cause ? cause.errors : undefined;
    cause = Array.isArray(several) ? several[0] : cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function wordsOf(cause: unknown): readonly string[] {
  if (!(cause instanceof Error)) return [];
  // Of kafkajs, when anything goes wrong while it signs in; that it is refused, and not cut off, only its text tells.
  const refused =
    cause.name === 'KafkaJSSASLAuthenticationError' && !CUT_OFF.test(cause.message) ? ['SASL_REFUSED'] : [];
  const code = 'code' in cause ? cause.code : undefined;
  const type = 'type' in cause ? cause.type : undefined;
  const word = typeof code === 'number' ? DENIED[code] : code;
  return [...refused, ...[word, type].filter((each) => typeof each === 'string')];
}

const CUT_OFF = /connection|connected|timed out|ended/i;

/** Of the topics that kafkajs could not create it names none. */
function saidBy(error: unknown): string {
  const [, first] = causesOf(error);
  if (!(first instanceof Error && 'topic' in first)) return messageOf(error);
  return `${first.topic}: ${first.message}`;
}

/** OpenSSL says much more than the alert, and ends the line. */
function inOneLine(message: string): string {
  return message
    .replace(/[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]+):.*/s, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
