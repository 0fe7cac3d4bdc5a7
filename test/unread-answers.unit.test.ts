/** The bounds of what is answered: the room that unread answers have, and the size of one. */
import { graphql } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { executableSchema } from '../gateway/schema.ts';
import { UnreadAnswers, type UnreadLimits } from '../gateway/unread-answers.ts';

const KB = 1024;
const LIMITS: UnreadLimits = {
  inAll: 100 * KB,
  perAsker: 60 * KB,
  readWithinMs: 600_000,
  msPerMegabyte: 0,
  graceMs: 600_000,
};
const never = () => undefined;

describe('the room for unread answers', () => {
  it('of one asker is a share of it, and others find room', () => {
    const unread = new UnreadAnswers(LIMITS);
    const first = unread.reserve('ada', 40 * KB);
    expect(() => unread.reserve('ada', 40 * KB)).toThrow('this user has too many answers');
    expect(unread.hold('ada', 40 * KB, never)).toBeUndefined();
    expect(unread.hold('bob', 40 * KB, never)).toBeDefined();
    first.end();
    expect(unread.reserve('ada', 40 * KB)).toBeDefined();
  });

  it('lets one answer pass that is larger than a share', () => {
    expect(new UnreadAnswers(LIMITS).hold('ada', 80 * KB, never)).toBeDefined();
  });

  it('is never more than there is, whoever asks, but for what is small', () => {
    const unread = new UnreadAnswers(LIMITS);
    unread.hold(undefined, 90 * KB, never);
    expect(() => unread.reserve(undefined, 20 * KB)).toThrow('try again');
    expect(unread.hold(undefined, 20 * KB, never)).toBeUndefined();
    expect(unread.hold(undefined, 12 * KB, never)).toBeDefined();
    expect(unread.bytes).toBe(102 * KB);
  });

  it('is taken by what must be told, also where there is none', () => {
    const unread = new UnreadAnswers(LIMITS);
    unread.hold('ada', 95 * KB, never);
    expect(unread.hold('ada', 20 * KB, never)).toBeUndefined();
    expect(unread.hold('ada', 20 * KB, never, true)).toBeDefined();
  });

  it('is given back once, however often an answer ends', () => {
    const unread = new UnreadAnswers(LIMITS);
    const [one] = [unread.hold('ada', 10 * KB, never), unread.hold('ada', 10 * KB, never)];
    one?.end();
    one?.end();
    expect(unread.bytes).toBe(10 * KB);
  });

  it('is made by ending who has waited longest, and no more of them than needed', () => {
    const unread = new UnreadAnswers({ ...LIMITS, graceMs: 0 });
    const cut: string[] = [];
    const made = unread.reserve('made', 10 * KB);
    for (const name of ['a', 'b', 'c']) unread.hold(name, 30 * KB, () => cut.push(name));
    expect(unread.hold('d', 25 * KB, never)).toBeDefined();
    expect(cut).toEqual(['a']);
    made.end();
    expect(unread.bytes).toBe(85 * KB);
  });

  it('is taken from who does not read in time', async () => {
    const unread = new UnreadAnswers({ ...LIMITS, readWithinMs: 1 });
    const cut = vi.fn();
    unread.hold('ada', 10 * KB, cut);
    await vi.waitFor(() => expect(cut).toHaveBeenCalledTimes(1), { timeout: 5_000 });
    expect(unread.bytes).toBe(0);
  });
});

describe('an answer', () => {
  const customers = Array.from({ length: 100 }, () => ({ firstName: 'x'.repeat(200), email: null }));
  const schema = executableSchema({ Query: { customers: () => ({ nodes: customers }) } });
  const ask = (field: string, aliases: number) => {
    const fields = Array.from({ length: aliases }, (_, i) => `n${i}: ${field}`).join(' ');
    return graphql({ schema, source: `{ customers { nodes { ${fields} } } }`, contextValue: {} });
  };

  it('of less than the limit is whole', async () => {
    const { data, errors } = await ask('firstName', 300);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).length).toBeGreaterThan(6_000_000);
  });

  it.each(['firstName', 'email'])(
    'of more than the limit (%s) is ended, with one error that says so',
    async (field) => {
      const { data, errors } = await ask(field, field === 'email' ? 7_000 : 500);
      expect(errors?.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
        ['the answer would take more than 8 MB: ask for fewer at a time', 'LIMIT_EXCEEDED'],
      ]);
      expect(JSON.stringify(data).length).toBeLessThan(9_000_000);
    },
  );
});
