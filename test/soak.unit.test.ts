/** The rule by which a soak is flat or not. */
import { describe, expect, it } from 'vitest';
import { HEAP, QUEUE, RESIDENT, verdictOn } from '../bench/soak/flat.ts';

const minutes = (value: (at: number) => number) => Array.from({ length: 120 }, (_, at) => value(at));

describe('what a soak finds', () => {
  it('is flat when it stays, and when it only grew while it was warming up', () => {
    expect(
      verdictOn(
        minutes(() => 200),
        RESIDENT,
      ),
    ).toEqual({ first: 200, last: 200, flat: true });
    expect(
      verdictOn(
        minutes((at) => Math.min(300, 100 + at * 10)),
        RESIDENT,
      )?.flat,
    ).toBe(true);
  });

  it('is not flat when it grows by a megabyte in every sample', () => {
    expect(
      verdictOn(
        minutes((at) => 200 + at),
        RESIDENT,
      ),
    ).toMatchObject({ flat: false });
    expect(
      verdictOn(
        minutes((at) => 200 + at * 0.2),
        RESIDENT,
      ),
    ).toMatchObject({ flat: true });
  });

  it('goes by the lowest points of a heap, which goes up and down', () => {
    const saw = (floor: (at: number) => number) => minutes((at) => floor(at) + (at % 10) * 20);
    expect(
      verdictOn(
        saw(() => 60),
        HEAP,
      )?.flat,
    ).toBe(true);
    expect(
      verdictOn(
        saw((at) => 60 + at),
        HEAP,
      )?.flat,
    ).toBe(false);
  });

  it('goes by how far up a queue goes, and tells nothing of a few samples', () => {
    expect(
      verdictOn(
        minutes((at) => (at % 7) * 1000),
        QUEUE,
      )?.flat,
    ).toBe(true);
    expect(
      verdictOn(
        minutes((at) => at * 1000),
        QUEUE,
      )?.flat,
    ).toBe(false);
    expect(verdictOn([1, 2, 3], QUEUE)).toBeUndefined();
  });
});
