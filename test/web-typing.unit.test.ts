/** What is typed is looked for at once, and what is typed fast once it is there. */
import { describe, expect, it } from 'vitest';
import { Typing } from '../web/src/components/typing';

describe('what is typed', () => {
  it('is acted on at once after a pause, and a moment after the last of several keys', () => {
    const typing = new Typing();
    const delays = [0, 30, 60, 90, 170, 180, 300].map((now) => typing.delay(now));
    expect(delays).toEqual([0, 80, 80, 80, 0, 80, 0]);
  });
});
