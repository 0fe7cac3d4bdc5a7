/** An endless list: it gets to its end however it is asked, and moves no row under a reader's eyes. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Asked, type Connection, EndlessList } from '../web/src/graph/endless-list';
import { ROWS_AT_ONCE } from '../web/src/graph/waiting-rows';

interface Item {
  readonly id: string;
  readonly version?: number;
  readonly text?: string;
}

const AT_ONCE = 3;

/** A server with these rows, that answers when it is told to. */
function serverOf(ids: Iterable<string>, atOnce = AT_ONCE) {
  const server = {
    rows: [...ids].map((id): Item => ({ id })),
    reads: [] as (string | null)[],
    failing: false,
    delayMs: 0,
    /** To count, beyond that. */
    countingMs: 0,
  };
  const read = async (
    after: string | null,
    { rows, totals }: Asked,
    signal: AbortSignal,
  ): Promise<Connection<Item>> => {
    server.reads.push(after);
    const ms = server.delayMs + (totals ? server.countingMs : 0);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    signal.throwIfAborted();
    if (server.failing) throw new Error('the server is away');
    const from = after === null ? 0 : server.rows.findIndex(({ id }) => id === after) + 1;
    const piece = rows ? server.rows.slice(from, from + atOnce) : [];
    return {
      edges: piece.map((node) => ({ node })),
      pageInfo: { hasNextPage: from + atOnce < server.rows.length, endCursor: piece.at(-1)?.id ?? null },
      ...(totals ? { totalCount: server.rows.length } : {}),
    };
  };
  const list = new EndlessList<Item>(read);
  // Somebody looks at it.
  const leave = list.subscribe(() => {});
  const shown = () =>
    list
      .get()
      .rows.map(({ id }) => id)
      .join('');
  return { server, list, leave, shown };
}

const idle = () => false;
const reading = () => true;

/** As the table does: asks whenever nothing is being read. */
async function scrollToTheEnd(list: EndlessList<Item>): Promise<void> {
  for (let n = 0; n < 50 && list.get().hasMore; n += 1) {
    list.loadMore();
    list.loadMore();
    await vi.advanceTimersByTimeAsync(1_500);
  }
}

describe('an endless list', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gets to its end piece by piece, each read once', async () => {
    const { server, list, shown } = serverOf('abcdefgh');
    await list.refresh(idle);
    expect(list.get()).toMatchObject({ known: true, totalCount: 8, hasMore: true });
    await scrollToTheEnd(list);
    expect(shown()).toBe('abcdefgh');
    // The totals by themselves.
    expect(server.reads).toEqual([null, null, 'c', 'f']);
    expect(list.get()).toMatchObject({ hasMore: false, readingMore: false });
  });

  it('shows its first rows, and more, while it is still being counted', async () => {
    const ids = Array.from({ length: 2.5 * ROWS_AT_ONCE }, (_, at) => `${at} `);
    const { server, list, shown } = serverOf(ids, ROWS_AT_ONCE);
    server.countingMs = 5_000;
    const whole = list.refresh(idle);
    await vi.advanceTimersByTimeAsync(1);
    expect(shown()).toBe(ids.slice(0, ROWS_AT_ONCE).join(''));
    expect(list.get()).toMatchObject({ known: true, totalCount: null, hasMore: true });
    list.loadMore();
    list.change(new Map([['0 ', { id: '0 ', version: 2, text: 'newer' }]]));
    await vi.advanceTimersByTimeAsync(5_000);
    await whole;
    expect(shown()).toBe(ids.slice(0, 2 * ROWS_AT_ONCE).join(''));
    // A change that came while it was counted stays.
    expect(list.get().rows[0]).toMatchObject({ text: 'newer' });
    expect(list.get()).toMatchObject({ totalCount: ids.length, hasMore: true });
    // Once it is known, it is read again in one go.
    server.reads.length = 0;
    const again = list.refresh(idle);
    await vi.advanceTimersByTimeAsync(5_000);
    await again;
    expect(server.reads).toEqual([null]);
  });

  it('is read once by who begins ahead and who shows it then, and again by who comes later', async () => {
    const { server, list, shown } = serverOf('abcdefgh');
    [server.delayMs, server.countingMs] = [100, 1_000];
    const ahead = list.start(idle);
    await vi.advanceTimersByTimeAsync(50);
    await list.start(idle);
    await vi.advanceTimersByTimeAsync(60);
    expect(shown()).toBe('abc');
    // It is still being counted.
    await list.start(idle);
    await vi.advanceTimersByTimeAsync(2_000);
    await ahead;
    expect(list.get()).toMatchObject({ known: true, totalCount: 8 });
    expect(server.reads).toEqual([null, null]);
    const later = list.start(idle);
    await vi.advanceTimersByTimeAsync(2_000);
    await later;
    expect(server.reads).toEqual([null, null, null]);
  });

  it('is read again when who began ahead was not answered, or nobody looks any more', async () => {
    const { server, list, leave, shown } = serverOf('abcdefgh');
    server.failing = true;
    await expect(list.start(idle)).rejects.toThrow('the server is away');
    server.failing = false;
    server.delayMs = 100;
    const given = list.start(idle);
    leave();
    const again = list.start(idle);
    await vi.advanceTimersByTimeAsync(200);
    await Promise.all([given, again]);
    expect(shown()).toBe('abc');
  });

  it('goes on after a reading of further rows has failed', async () => {
    const { server, list, shown } = serverOf('abcdefgh');
    await list.refresh(idle);
    server.failing = true;
    list.loadMore();
    expect(list.get().readingMore).toBe(true);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(list.get().readingMore).toBe(false);
    server.failing = false;
    await scrollToTheEnd(list);
    expect(shown()).toBe('abcdefgh');
  });

  it('gets to its end although its beginning is read again all the while', async () => {
    const { server, list, shown } = serverOf('abcdefgh');
    await list.refresh(idle);
    server.delayMs = 40;
    for (let n = 0; n < 20 && list.get().hasMore; n += 1) {
      list.loadMore();
      void list.refresh(reading);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(shown()).toBe('abcdefgh');
  });

  it('drops further rows of an order that has been replaced meanwhile', async () => {
    const { server, list, shown } = serverOf('abcdefgh');
    await list.refresh(idle);
    server.delayMs = 100;
    list.loadMore();
    await vi.advanceTimersByTimeAsync(10);
    server.delayMs = 0;
    server.rows = [...'xabcdefgh'].map((id) => ({ id }));
    await list.refresh(idle);
    expect(shown()).toBe('xab');
    await scrollToTheEnd(list);
    expect(shown()).toBe('xabcdefgh');
  });

  it('holds what would move rows while the reader is in the middle of them', async () => {
    const { server, list, shown } = serverOf('abcdefgh');
    await list.refresh(idle);
    server.rows = [...'xabcdefgh'].map((id) => ({ id }));
    await list.refresh(reading);
    expect(shown()).toBe('abc');
    expect(list.get().held?.totalCount).toBe(9);
    list.showHeld();
    expect(shown()).toBe('xab');
    expect(list.get()).toMatchObject({ held: null, totalCount: 9 });
  });

  it('keeps the rows that were scrolled to when nothing has moved, and shows those that came behind the end', async () => {
    const many = Array.from({ length: 2 * ROWS_AT_ONCE + 5 }, (_, at) => `row ${at}`);
    const { server, list } = serverOf(many, ROWS_AT_ONCE);
    await list.refresh(idle);
    await scrollToTheEnd(list);
    await list.refresh(idle);
    expect(list.get().rows.map(({ id }) => id)).toEqual(many);
    server.rows = [...server.rows, { id: 'behind' }];
    await list.refresh(reading);
    expect(list.get()).toMatchObject({ hasMore: true, held: null });
    await scrollToTheEnd(list);
    expect(list.get().rows.map(({ id }) => id)).toEqual([...many, 'behind']);
  });

  it('shows a row once, also when it has moved down between two readings', async () => {
    const { server, list, shown } = serverOf('abcdef');
    await list.refresh(idle);
    server.rows = [...'acdbef'].map((id) => ({ id }));
    await scrollToTheEnd(list);
    expect([...shown()].toSorted().join('')).toBe([...new Set(shown())].toSorted().join(''));
    expect(shown()).toContain('f');
  });

  it('changes rows in their places, and none to an older version', async () => {
    const { list } = serverOf('abc');
    await list.refresh(idle);
    list.change(new Map([['b', { id: 'b', version: 2, text: 'new' }]]));
    list.change(new Map([['b', { id: 'b', version: 1, text: 'old' }]]));
    list.change(new Map([['z', { id: 'z', version: 1, text: 'of another list' }]]));
    expect(list.get().rows).toEqual([{ id: 'a' }, { id: 'b', version: 2, text: 'new' }, { id: 'c' }]);
  });

  it('tells why its beginning could not be read, and shows it once it can', async () => {
    const { server, list, shown } = serverOf('abc');
    server.failing = true;
    await expect(list.refresh(idle)).rejects.toThrow('the server is away');
    expect(list.get()).toMatchObject({ known: false, error: new Error('the server is away') });
    server.failing = false;
    await list.refresh(idle);
    expect(list.get().error).toBeUndefined();
    expect(shown()).toBe('abc');
  });

  it('takes back what is on its way once nobody looks at it, and is read anew when somebody does', async () => {
    const { server, list, leave, shown } = serverOf('abcdef');
    server.delayMs = 100;
    const beginning = list.refresh(idle);
    leave();
    await vi.advanceTimersByTimeAsync(200);
    await beginning;
    expect(list.get()).toMatchObject({ known: false, error: undefined });
    list.subscribe(() => {});
    const again = list.refresh(idle);
    await vi.advanceTimersByTimeAsync(200);
    await again;
    expect(shown()).toBe('abc');
  });
});
