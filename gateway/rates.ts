/** How often each user and each address may ask, and how many WebSockets they may have: the same over all transports. */
import { OperationTypeNode } from 'graphql';
import { isLoopback, type LimitsConfiguration } from '../server/configuration.ts';
import { ADMIN_FACTOR, type ViewerIdentity } from '../transactions/viewer.ts';
import { MAX_SUBSCRIBED_COST_OF_USER, MEGABYTE, rateLimited, tooMuch } from './limits.ts';
import { type Clock, TokenBuckets } from './token-bucket.ts';

const RATE_OF = {
  [OperationTypeNode.QUERY]: 'queriesPerMinute',
  [OperationTypeNode.MUTATION]: 'mutationsPerMinute',
  [OperationTypeNode.SUBSCRIPTION]: 'subscriptionsPerMinute',
} as const;

export class Rates {
  readonly #limits: LimitsConfiguration;
  readonly #buckets: TokenBuckets;
  readonly #sockets = new Map<string, number>();
  readonly #subscribed = new Map<string, number>();

  constructor(limits: LimitsConfiguration, clock?: Clock) {
    this.#limits = limits;
    this.#buckets = new TokenBuckets(clock);
  }

  /** Counts a request of any kind, also one that is refused later. @throws {GraphQLError} `RATE_LIMITED` */
  request(address: string | undefined): void {
    const from = networkOf(address);
    if (from === undefined) return;
    const wait = this.#buckets.take(`address ${from}`, this.#limits.requestsPerMinuteOfAddress);
    if (wait > 0) throw rateLimited('this address has sent too many requests', wait);
  }

  /**
   * @param address where a visitor is told apart from others by it
   * @param commands of a mutation; of anything else none
   * @throws {GraphQLError} `RATE_LIMITED`
   */
  operation(viewer: ViewerIdentity, address: string | undefined, type: OperationTypeNode, commands: number): void {
    const perMinute = this.#limits[RATE_OF[type]] * factorOf(viewer);
    const tokens = type === OperationTypeNode.MUTATION ? Math.max(1, commands) : 1;
    const wait = this.#buckets.take(`${type} ${nameOf(viewer, address)}`, perMinute, tokens);
    if (wait > 0) throw rateLimited(`this user has sent too many ${PLURAL[type]}`, wait);
  }

  /** Counts what a mutation may write to the log. @throws {GraphQLError} `RATE_LIMITED` */
  written(viewer: ViewerIdentity, address: string | undefined, bytes: number): void {
    const perMinute = this.#limits.writtenMegabytesPerMinute * MEGABYTE * factorOf(viewer);
    const wait = this.#buckets.take(`written ${nameOf(viewer, address)}`, perMinute, bytes);
    if (wait > 0) throw rateLimited('this user has written too much to the log', wait);
  }

  /** @param running on one WebSocket @throws {GraphQLError} `LIMIT_EXCEEDED` */
  underWay(viewer: ViewerIdentity, running: number): void {
    const most = this.#limits.operationsPerSocket * factorOf(viewer);
    if (most === 0 || running <= most) return;
    throw tooMuch(`at most ${most} operations may be under way on one WebSocket`);
  }

  /**
   * Counts a subscription of a user, over all of its WebSockets: call what is returned when it ends.
   * @param cost of one event @throws {GraphQLError} `LIMIT_EXCEEDED`
   */
  subscribed(viewer: ViewerIdentity, address: string | undefined, cost: number): () => void {
    const share = this.shareOf(viewer, address);
    if (share === undefined) return () => undefined;
    const sum = (this.#subscribed.get(share) ?? 0) + cost;
    if (sum > MAX_SUBSCRIBED_COST_OF_USER) {
      throw tooMuch(
        `an event for each subscription of this user may resolve ${sum} fields; at most ${MAX_SUBSCRIBED_COST_OF_USER} are allowed: end some, also on other WebSockets`,
      );
    }
    return counted(this.#subscribed, share, cost);
  }

  /** Whether the address may have one more WebSocket: call what is returned when it is closed. */
  socketOfAddress(address: string | undefined): (() => void) | undefined {
    const from = networkOf(address);
    if (from === undefined) return () => undefined;
    return this.#oneMore(`address ${from}`, this.#limits.socketsPerAddress);
  }

  /** Whether the user may have one more WebSocket: call what is returned when it is closed. */
  socketOfUser(viewer: ViewerIdentity, address: string | undefined): (() => void) | undefined {
    return this.#oneMore(nameOf(viewer, address), this.#limits.socketsPerUser * factorOf(viewer));
  }

  /** In whose share of what is bounded for each user it counts; undefined: nobody's, for admins and where everyone is one. */
  shareOf(viewer: ViewerIdentity, address: string | undefined): string | undefined {
    return viewer.isAdmin ? undefined : nameOf(viewer, address);
  }

  /** Whose share of the server's work it is; undefined: nobody's. Who is not known is told apart by its address. */
  workerOf(viewer: ViewerIdentity | undefined, address: string | undefined): string | undefined {
    if (viewer !== undefined) return this.shareOf(viewer, address);
    const from = networkOf(address);
    return from && `address ${from}`;
  }

  #oneMore(key: string, most: number): (() => void) | undefined {
    const now = this.#sockets.get(key) ?? 0;
    return most > 0 && now >= most ? undefined : counted(this.#sockets, key, 1);
  }
}

/** Adds to what is counted under a key. What is returned takes it away again, once. */
function counted(sums: Map<string, number>, key: string, amount: number): () => void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    const left = (sums.get(key) ?? amount) - amount;
    if (left <= 0) sums.delete(key);
    else sums.set(key, left);
  };
}

const PLURAL = {
  [OperationTypeNode.QUERY]: 'queries',
  [OperationTypeNode.MUTATION]: 'mutations',
  [OperationTypeNode.SUBSCRIPTION]: 'subscriptions',
} as const;

/** Visitors have one name in common: each address of theirs counts for itself. */
function nameOf({ id, isVisitor }: ViewerIdentity, address: string | undefined): string {
  return isVisitor ? `visitor at ${networkOf(address) ?? 'this machine'}` : `user ${id}`;
}

function factorOf({ isAdmin }: ViewerIdentity): number {
  return isAdmin ? ADMIN_FACTOR : 1;
}

/**
 * Who counts as one: an IPv4 address, or the /64 that one customer of an IPv6 provider has.
 * @returns undefined for this machine itself: behind a proxy here, everyone has that address
 */
function networkOf(address: string | undefined): string | undefined {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '');
  if (plain === undefined || isLoopback(plain)) return undefined;
  if (!plain.includes(':')) return plain;
  const [before = [], after] = plain.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = after === undefined ? before : [...before, ...zeros(8 - before.length - after.length), ...after];
  return groups.slice(0, 4).join(':');
}

function zeros(count: number): readonly string[] {
  return Array.from({ length: Math.max(0, count) }, () => '0');
}
