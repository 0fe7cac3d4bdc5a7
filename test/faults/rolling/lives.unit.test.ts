/** Whose memory is held against what, where some processes are restarted again and again. */
import { describe, expect, it } from 'vitest';
import { HEAP, QUEUE, RESIDENT } from '../../../bench/soak/flat.ts';
import type { Series } from '../../../bench/soak/samples.ts';
import { judgedByLives } from './lives.ts';

const RISING = [100, 100, 100, 100, 100, 100, 130, 160, 190, 220, 250, 280];
const FLAT = RISING.map(() => 250);

function memory(process: string, samples: readonly number[]): Series {
  return { process, what: 'memory', unit: 'MB', allowance: RESIDENT, samples: [...samples] };
}

function verdictsOn(...all: readonly Series[]): readonly (boolean | undefined)[] {
  return judgedByLives(all, (process) => process.endsWith('-0')).map(({ verdict }) => verdict?.flat);
}

describe('the memory of processes', () => {
  it('must not grow in one that is left alone', () => {
    expect(verdictsOn(memory('gateway-0', FLAT), memory('projector-0', RISING))).toEqual([true, false]);
  });

  it('may rise in one that is restarted, as high as in the one of its role that is not', () => {
    expect(verdictsOn(memory('gateway-0', FLAT), memory('gateway-1', RISING))).toEqual([true, true]);
    expect(verdictsOn(memory('gateway-0', FLAT), memory('gateway-1', [...RISING, 320]))).toEqual([true, false]);
    expect(verdictsOn(memory('projector-0', FLAT), memory('gateway-1', RISING))).toEqual([true, undefined]);
  });

  it('leaves the heap of a restarted one aside, and judges what waits in all of them', () => {
    const heap: Series = { ...memory('gateway-1', RISING), what: 'heap', allowance: HEAP };
    const queue = (samples: readonly number[]): Series => ({
      ...{ process: 'gateway-1', what: 'lag', unit: 'items' },
      ...{ allowance: QUEUE, samples: [...samples] },
    });
    expect(verdictsOn(heap, queue(RISING), queue(RISING.map((n) => n * n)))).toEqual([undefined, true, false]);
  });
});
