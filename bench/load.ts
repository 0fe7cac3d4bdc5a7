/** Load for the benchmarks: so many callers at once, each beginning anew when it has its answer. Figures, no verdicts. */

export interface Figures {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Runs `call` by `callers` at once for `seconds`, after a second of warm-up that does not count. */
export async function load(callers: number, seconds: number, call: (name: string) => Promise<void>): Promise<Figures> {
  const begin = performance.now() + 1000;
  const end = begin + seconds * 1000;
  const times: number[] = [];
  let calls = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (;;) {
        const started = performance.now();
        if (started > end) return;
        await call(`${caller}-${calls++}`);
        if (started > begin) times.push(performance.now() - started);
      }
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

export function line(name: string, { perSecond, p50, p99 }: Figures): string {
  return `${name.padEnd(46)} ${perSecond.toFixed(0).padStart(8)}/s   p50 ${p50.toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms`;
}

/** The middle one of several ratios: machines are shared, and a single ratio says little. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
