/**
 * One HTTP request to a receiver. Redirects are not followed, of the answer nothing but the status is read, and an address of
 * this machine or of a private network is refused unless that is allowed (SSRF): it is looked at when it is known where the
 * name leads, and connected to as it was looked at, so a name that changes in between (DNS rebinding) gains nothing.
 */
import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Message } from './message.ts';

/** How long an attempt may take, ms. */
const ATTEMPT_MS = 10_000;

export interface Answer {
  /** Null: there was none. */
  readonly statusCode: number | null;
  /** In a line; null: it was taken. */
  readonly error: string | null;
}

/** What no receiver on the internet has: RFC 6890 and its like. */
const NOT_PUBLIC = {
  4: blocked('ipv4', [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  ]),
  // Those that stand for addresses of IPv4 too.
  6: blocked('ipv6', [
    ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
    ...['2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ]),
} as const;

/** A list for each family: in one, every address of IPv4 is within `::ffff:0:0/96`. */
function blocked(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}

/** Whether the address is one that anybody on the internet has. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !NOT_PUBLIC[4].check(address, 'ipv4');
  return family === 6 && !NOT_PUBLIC[6].check(address, 'ipv6');
}

function refusal(host: string): Error {
  return new Error(
    `${host} is this machine or in a private network: WEBHOOK_ALLOW_PRIVATE=on allows that, for all webhooks`,
  );
}

const publicOnly: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const [first, ...others] = error ? [] : found.filter(({ address }) => isPublic(address));
    if (first === undefined) return callback(error ?? refusal(host), []);
    if (options.all) callback(null, [first, ...others]);
    else callback(null, first.address, first.family);
  });
};

export interface PosterOptions {
  readonly allowPrivate: boolean;
  /** Default: `ATTEMPT_MS`. */
  readonly timeoutMs?: number;
}

export class Poster {
  readonly #options: PosterOptions;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };

  constructor(options: PosterOptions) {
    this.#options = options;
    const lookups = options.allowPrivate ? {} : { lookup: publicOnly };
    // A receiver that is gone keeps no connection for long.
    const settings = { keepAlive: true, timeout: options.timeoutMs ?? ATTEMPT_MS, maxFreeSockets: 4, ...lookups };
    this.#agents = { http: new HttpAgent(settings), https: new HttpsAgent(settings) };
  }

  /** Never rejects: what goes wrong is the answer. */
  async post(url: string, { headers, body }: Message, stopped: AbortSignal): Promise<Answer> {
    const { timeoutMs = ATTEMPT_MS } = this.#options;
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const statusCode = await this.#send(new URL(url), headers, body, AbortSignal.any([late, stopped]));
      const taken = statusCode >= 200 && statusCode < 300;
      const redirect = statusCode >= 300 && statusCode < 400 ? ': redirects are not followed' : '';
      return { statusCode, error: taken ? null : `the receiver answered ${statusCode}${redirect}` };
    } catch (error) {
      if (late.aborted) return { statusCode: null, error: `no answer within ${timeoutMs / 1000} s` };
      return { statusCode: null, error: told(error) };
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #send(url: URL, headers: Message['headers'], body: string, signal: AbortSignal): Promise<number> {
    // An address is not looked up.
    const host = url.hostname.replace(/^\[(.+)\]$/, '$1');
    if (!this.#options.allowPrivate && isIP(host) !== 0 && !isPublic(host)) return Promise.reject(refusal(host));
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: secure ? this.#agents.https : this.#agents.http,
        signal,
      };
      const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
        const { statusCode = 0 } = response;
        response.once('error', () => undefined);
        // A short answer leaves the connection to the next one; of a long one nobody waits for the end.
        if (Number(response.headers['content-length'] ?? Number.NaN) <= 1000) response.resume();
        else response.destroy();
        resolve(statusCode);
      });
      request.once('error', reject);
      request.end(body);
    });
  }
}

function told(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const text = first instanceof Error ? first.message || first.name : String(first);
  return text.split('\n', 1).join('').slice(0, 200);
}
