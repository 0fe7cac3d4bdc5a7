/**
 * Loaded before a process whose event loop is watched (`--import`): tells at its end how long the loop was held at most, by
 * the clock and by the processor time of its thread. The second is what counts on a machine that others use too. SIGUSR2 has
 * it tell at once, and begin anew.
 */
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;

/** Processor time of the main thread, in ms; Linux alone tells it. */
function threadMs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

const held: { readonly wall: number; readonly thread: number }[] = [];

function watch(): void {
  let [wall, thread] = [performance.now(), threadMs()];
  setInterval(() => {
    const now = { wall: performance.now(), thread: threadMs() };
    held.push({ wall: now.wall - wall - TICK_MS, thread: now.thread - thread });
    [wall, thread] = [now.wall, now.thread];
  }, TICK_MS).unref();
}

function tell(): void {
  const told = (values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => b - a);
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0);
    return `at most ${at(0)} ms, p99.9 ${at(0.001)} ms, p99 ${at(0.01)} ms, ${values.filter((ms) => ms > 50).length} times over 50 ms`;
  };
  const all = held.splice(0);
  const [wall, thread] = [all.map((each) => each.wall), all.map((each) => each.thread)];
  writeSync(1, `event loop held, by the clock: ${told(wall)}\nevent loop held, processor time: ${told(thread)}\n`);
}

// Not the loops of the views' threads, which nobody waits for: they are loaded with this as well.
if (isMainThread) {
  // The first turn comes when all modules have been loaded: nobody is let in before.
  setTimeout(watch, 0);
  process.on('exit', tell);
  process.on('SIGUSR2', tell);
}
