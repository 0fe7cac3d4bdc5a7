/**
 * The verdict on processes some of which live long, and some of which are restarted. Memory of one that is restarted again and
 * again rises and falls with how long its lives have been, which says nothing of its thirds: it may go no higher than that of
 * the one of its role that is left alone. What waits must not grow in any of them.
 */
import { compared, RESIDENT, verdictOn } from '../../../bench/soak/flat.ts';
import type { Judged } from '../../../bench/soak/judged.ts';
import type { Series } from '../../../bench/soak/samples.ts';

/** @param longLived whether a process is left alone, by its name `<role>-<number>` */
export function judgedByLives(all: readonly Series[], longLived: (process: string) => boolean): readonly Judged[] {
  return all.map((series): Judged => {
    const { process, what, unit, allowance, samples } = series;
    if (allowance === undefined) return { series, verdict: undefined };
    if (longLived(process) || unit !== 'MB') return { series, verdict: verdictOn(samples, allowance) };
    // Only the process's own memory: the lowest point of a heap is that of its start.
    if (allowance !== RESIDENT) return { series, verdict: undefined };
    const role = process.replace(/-\d+$/, '');
    const model = all.find(
      (each) => each.what === what && each.process.startsWith(`${role}-`) && longLived(each.process),
    );
    if (model === undefined || model.samples.length === 0) return { series, verdict: undefined };
    return { series, verdict: compared(Math.max(...model.samples), Math.max(...samples), allowance) };
  });
}
