/**
 * Why MongoDB, or TLS on the way to it, refuses this process, and what to look at. These are mistakes of configuration, which
 * no waiting mends. As long as nothing has worked they end the attempt at once; what worked once is tried again.
 */
import { MongoClient, MongoServerError, type ServerHeartbeatFailedEvent } from 'mongodb';
import { pause } from '../../waiting/pause.ts';
import { ViewsMisconfigured } from '../view-store.ts';

/** Code of an error, of OpenSSL, of Node or MongoDB's name for it, and the way out. */
const WAYS_OUT: readonly (readonly [RegExp, string])[] = [
  [
    /^(UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN$|DEPTH_ZERO_SELF_SIGNED_CERT$|CERT_(SIGNATURE_FAILURE|UNTRUSTED)$)/,
    'no authority that is trusted here has signed the certificate of MongoDB: tlsCAFile in MONGODB_URL must name that authority’s',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'the certificate of MongoDB is for other hosts: MONGODB_URL, and the members of the replica set, must name one of them',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'the certificate of MongoDB is not valid at this time: renew it, or set the clock of this machine',
  ],
  [
    /^ERR_SSL_\w*ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA)$/,
    'MongoDB wants a certificate of this client that it trusts: tlsCertificateKeyFile in MONGODB_URL must name one',
  ],
  [
    /^AuthenticationFailed$/,
    'MongoDB refuses the user: MONGODB_USERNAME, MONGODB_PASSWORD, or user, password or authSource in MONGODB_URL is wrong',
  ],
  [
    /^Unauthorized$/,
    'MongoDB does not let this user do so: it needs the role readWrite on MONGODB_DATABASE; without a user, set MONGODB_USERNAME and MONGODB_PASSWORD',
  ],
];

const TRY_TIMEOUT_MS = 2000;
/** Another member of the set may be as it should be. */
const OTHERS_TIME_MS = 500;

/** The way out, for a mistake that waiting does not mend. */
export function wayOutOf(error: unknown): string | undefined {
  const words = wordsOf(error);
  return WAYS_OUT.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}

/** What went wrong in one line, with the way out where it is one of these mistakes. */
export function reasonOf(error: unknown): string {
  const way = wayOutOf(error);
  // It holds the whole command, with people's names in it.
  const said = wordsOf(error).includes('Unauthorized') ? 'not authorized' : messageOf(error);
  return way === undefined ? said : `${way} (${said})`;
}

/**
 * The result of the first thing that is done with a client.
 * @throws {ViewsMisconfigured} when waiting does not help; else what `first` throws
 */
export async function orMisconfigured<T>(client: MongoClient, first: () => Promise<T>): Promise<T> {
  let reached = false;
  let giveUp: (mistake: Error) => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const failed = async ({ failure, connectionId }: ServerHeartbeatFailedEvent) => {
    const mistake = wayOutOf(failure) === undefined ? await spokenInstead(client, connectionId) : reasonOf(failure);
    if (mistake === undefined) return;
    await pause(OTHERS_TIME_MS);
    if (!reached) giveUp(new ViewsMisconfigured(mistake, { cause: failure }));
  };
  const succeeded = () => {
    reached = true;
  };
  client.on('serverHeartbeatFailed', failed).on('serverHeartbeatSucceeded', succeeded);
  try {
    return await Promise.race([first(), givenUp]);
  } catch (error) {
    if (error instanceof ViewsMisconfigured || wayOutOf(error) === undefined) throw error;
    throw new ViewsMisconfigured(reasonOf(error), { cause: error });
  } finally {
    client.off('serverHeartbeatFailed', failed).off('serverHeartbeatSucceeded', succeeded);
  }
}

/**
 * A server that is spoken to in another protocol hangs up and says nothing, as does one that is just ending. So the other
 * protocol is tried, without anything secret; an answer to it proves the mistake.
 */
async function spokenInstead({ options: { tls } }: MongoClient, address: string): Promise<string | undefined> {
  const other = new MongoClient(`mongodb://${address}/?directConnection=true`, {
    ...(tls ? {} : { tls: true, tlsAllowInvalidCertificates: true }),
    serverSelectionTimeoutMS: TRY_TIMEOUT_MS,
    connectTimeoutMS: TRY_TIMEOUT_MS,
  });
  try {
    await other.db('admin').command({ hello: 1 });
  } catch (error) {
    if (tls || !wordsOf(error).some((word) => word.startsWith('ERR_SSL_') && word.includes('ALERT'))) return undefined;
  } finally {
    await other.close().catch(() => undefined);
  }
  return tls
    ? 'MongoDB does not speak TLS at this port: tls in MONGODB_URL must be false'
    : 'MongoDB speaks TLS at this port: tls in MONGODB_URL must be true';
}

function wordsOf(error: unknown): readonly string[] {
  const words: unknown[] = [];
  for (let cause = error; cause instanceof Error && words.length < 20; cause = cause.cause) {
    if (cause instanceof MongoServerError) words.push(cause.codeName);
    else if ('code' in cause) words.push(cause.code);
  }
  return words.filter((word) => typeof word === 'string');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
