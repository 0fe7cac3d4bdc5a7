/**
 * All counterfoils of this browser and what happens to them: made and stored before they are sent; sent until there is a
 * receipt, always with the same key; followed to their end; taken up again where they were after a reload.
 */
import type { TransactionFieldsFragment } from '../gql/graphql';
import type { Order } from '../graph/kinds';
import { socketState } from '../graph/socket';
import { hasEnded } from '../text/has-ended';
import { type Counterfoil, isPending } from './counterfoil';
import { newestVersion } from './newest-version';
import { follow, send } from './send';
import { drop, loadAll, onOtherTab, save } from './storage';

const KEPT = 60;
/** The server remembers a key for a day; beyond that a second sending could be a second effect. */
const KEY_LIVES_MS = 23 * 3_600_000;
const LONGEST_WAIT_MS = 2_500;
/** How long a pending counterfoil of another tab is left to that tab. */
const OTHER_TAB_MS = 5_000;

export interface Snapshot {
  /** Newest first. */
  readonly all: readonly Counterfoil[];
  readonly pending: number;
  /** Ids of the entities that pending counterfoils touch. */
  readonly touched: ReadonlySet<string>;
}

const items = new Map<string, Counterfoil>();
const listeners = new Set<() => void>();
const unfollow = new Map<string, () => void>();
let snapshot: Snapshot = { all: [], pending: 0, touched: new Set() };
let user: string | null = null;

function publish(): void {
  const all = [...items.values()].sort((a, b) => b.madeAt - a.madeAt || (a.key < b.key ? 1 : -1));
  for (const old of all.filter((item) => !isPending(item)).slice(KEPT)) {
    items.delete(old.key);
    if (user !== null) drop(user, old.key);
  }
  const pending = all.filter(isPending);
  const touched = new Set(
    pending.flatMap((item) => (item.entityId === null ? item.touches : [...item.touches, item.entityId])),
  );
  snapshot = { all: all.filter((item) => items.has(item.key)), pending: pending.length, touched };
  for (const listener of listeners) listener();
}

function put(item: Counterfoil): void {
  items.set(item.key, item);
  if (user !== null) save(user, item);
  publish();
}

function change(key: string, changes: Partial<Counterfoil>): Counterfoil | null {
  const item = items.get(key);
  // Dismissed, or another tab has seen its end already.
  if (item === undefined || !isPending(item)) return null;
  const changed = { ...item, ...changes };
  put(changed);
  return changed;
}

function apply(key: string, transaction: TransactionFieldsFragment): void {
  const item = items.get(key);
  if (item === undefined || !isPending(item)) return;
  const ended = hasEnded(transaction.status);
  // A status read at another gateway may be older than one already pushed.
  if (!ended && transaction.steps.length < item.steps.length) return;
  change(key, {
    state:
      transaction.status === 'COMPLETED' ? 'completed' : transaction.status === 'REJECTED' ? 'rejected' : 'running',
    transactionId: transaction.id,
    entityId: transaction.entityId,
    steps: transaction.steps,
    rejection: transaction.rejection,
    tookMs: ended && here.has(key) ? Date.now() - item.madeAt : null,
  });
  if (ended) {
    unfollow.get(key)?.();
    unfollow.delete(key);
  }
}

const running = new Set<string>();

/** Keys made since the page was loaded: only of these is it known how long they took. */
const here = new Set<string>();

/** Waits before the next try; a socket that is connected again ends the wait. */
function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, Math.min(250 * 2 ** attempt, LONGEST_WAIT_MS));
    const stop = socketState.subscribe(() => {
      if (socketState.get() === 'connected') done();
    });
  });
}

/** Takes a counterfoil to its end, from wherever it is; once at a time. */
async function run(key: string): Promise<void> {
  if (running.has(key)) return;
  running.add(key);
  try {
    await sendUntilAnswered(key);
  } finally {
    running.delete(key);
  }
}

async function sendUntilAnswered(key: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const item = items.get(key);
    if (item === undefined || !isPending(item)) return;
    if (item.transactionId !== null) return watch(key, item.transactionId);
    if (Date.now() - item.madeAt > KEY_LIVES_MS) {
      change(key, { state: 'unknown', problem: 'It was never answered, and too long ago to be sent again by itself.' });
      return;
    }
    const sent = await send(item.order, key);
    if (sent.kind === 'receipt') {
      const { receipt } = sent;
      change(key, { state: 'running', transactionId: receipt.transactionId, entityId: receipt.id });
      apply(key, receipt.transaction);
    } else if (sent.kind === 'not-accepted') {
      change(key, { state: 'not-accepted', problem: sent.problem });
    } else {
      change(key, { state: 'unreached' });
      await pause(attempt);
    }
  }
}

function watch(key: string, transactionId: string): void {
  if (unfollow.has(key)) return;
  const again = () => {
    unfollow.delete(key);
    void pause(2).then(() => run(key));
  };
  unfollow.set(
    key,
    follow(transactionId, {
      next: (transaction) => apply(key, transaction),
      gone: () => change(key, { state: 'unknown', problem: 'The server no longer keeps this transaction.' }),
      broken: again,
    }),
  );
}

function newKey(): string {
  // Not randomUUID: that one is missing on pages served without TLS to another machine.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Makes a counterfoil and sends its command. Returns at once; the tray tells the rest. */
function issue(
  order: Order,
  about: string,
  touches: readonly string[],
  extras: Pick<Counterfoil, 'goods' | 'seen' | 'expected'> = {},
): Counterfoil {
  const item: Counterfoil = {
    key: newKey(),
    order,
    about,
    touches,
    madeAt: Date.now(),
    state: 'sending',
    transactionId: null,
    entityId: null,
    steps: [],
    rejection: null,
    problem: null,
    tookMs: null,
    ...extras,
  };
  here.add(item.key);
  put(item);
  void run(item.key);
  return item;
}

/** The one store of counterfoils, for the tray and for every page that sends a command. */
export const counterfoils = {
  issue,

  /** After a rejection the same command is a new one: new key, and the newest version where one was given. */
  async tryAgain(key: string): Promise<void> {
    const item = items.get(key);
    if (item === undefined || isPending(item)) return;
    const stale = item.rejection?.code === 'VERSION_CONFLICT';
    // Without an answer the old version goes out again, and is rejected again: nothing is overwritten unseen.
    const order = stale ? await newestVersion(item.order).catch(() => item.order) : item.order;
    counterfoils.dismiss(key);
    issue(order, item.about, item.touches);
  },

  /** Keeps whether its goods went back into the basket. */
  wentBack(key: string, wentBack: boolean): void {
    const item = items.get(key);
    if (item !== undefined) put({ ...item, wentBack });
  },

  /** Takes a counterfoil out of the tray; a pending command goes on without it. */
  dismiss(key: string): void {
    unfollow.get(key)?.();
    unfollow.delete(key);
    items.delete(key);
    if (user !== null) drop(user, key);
    publish();
  },

  dismissFinished(): void {
    for (const item of snapshot.all) if (!isPending(item)) counterfoils.dismiss(item.key);
  },

  /** Takes up what this user's earlier visits left. */
  open(viewerId: string): () => void {
    user = viewerId;
    for (const item of loadAll(viewerId)) if (!items.has(item.key)) items.set(item.key, item);
    publish();
    for (const item of snapshot.all) if (isPending(item)) void run(item.key);
    return onOtherTab(viewerId, (key, item) => {
      if (item === null) items.delete(key);
      else items.set(key, item);
      publish();
      // That tab may be closed before the end: then this one sees to it. A second sending has no second effect.
      if (item !== null && isPending(item)) setTimeout(() => void run(key), OTHER_TAB_MS);
    });
  },

  get: (): Snapshot => snapshot,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
