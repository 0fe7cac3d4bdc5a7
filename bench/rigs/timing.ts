/** Waiting for things outside of this process. */
import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until it is so. @returns ms that it took @throws after `withinMs` */
export async function until(
  what: string,
  withinMs: number,
  isSo: () => Promise<boolean> | boolean,
  everyMs = 5,
): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await isSo()) return performance.now() - began;
    if (performance.now() - began > withinMs) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await pause(everyMs);
  }
}
