/** What a run of a row leaves in `bench/results/NAME.json`: read by the report, and by the test of the suite. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Goal } from './row.ts';
import { median } from './statistics.ts';

const goal = z.union([z.object({ atLeast: z.number() }), z.object({ atMost: z.number() })]);

const comparison = z.object({
  label: z.string(),
  unit: z.string(),
  /** One: it has no rival. The first is ours. */
  sides: z.array(z.object({ name: z.string(), samples: z.array(z.number()).min(1) })).min(1),
  /** Of ours ÷ rival, round by round; of ours itself when it has no rival. */
  goal: goal.optional(),
});
export type ComparisonResult = z.infer<typeof comparison>;

export const result = z.object({
  row: z.string(),
  what: z.string(),
  against: z.string(),
  goal: z.string(),
  /** ISO 8601 UTC. */
  date: z.string(),
  machine: z.object({
    processor: z.string(),
    cores: z.number(),
    memoryGb: z.number(),
    system: z.string(),
    /** The mean number of processes that ran or waited to run, over a minute: before the row and after it. */
    load: z.tuple([z.number(), z.number()]),
  }),
  versions: z.record(z.string(), z.string()),
  sizes: z.record(z.string(), z.number()),
  /** Whether no size was smaller than what the row asks for. */
  full: z.boolean(),
  seconds: z.number(),
  notes: z.array(z.string()),
  /** Why it was not measured, or not to its end; what had been measured until then is there. */
  failed: z.string().optional(),
  comparisons: z.array(comparison),
});
export type Result = z.infer<typeof result>;

export async function writeResult(folder: string, written: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${written.row}.json`), `${JSON.stringify(written, null, 2)}\n`);
}

/** Undefined: there is none yet. @throws when there is one of another shape */
export async function readResult(folder: string, row: string): Promise<Result | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, `${row}.json`), 'utf8');
  } catch {
    return undefined;
  }
  return result.parse(JSON.parse(text));
}

/** Ours ÷ rival in each round; undefined without a rival. */
export function ratiosOf({ sides: [ours, rival] }: ComparisonResult): readonly number[] | undefined {
  if (ours === undefined || rival === undefined) return undefined;
  return ours.samples.map((value, round) => value / (rival.samples[round] ?? Number.NaN));
}

/** Undefined: nothing is asked of it. */
export function isMet(of: ComparisonResult): boolean | undefined {
  if (of.goal === undefined) return undefined;
  return holds(median(ratiosOf(of) ?? of.sides[0]?.samples ?? []), of.goal);
}

function holds(value: number, asked: Goal): boolean {
  return 'atLeast' in asked ? value >= asked.atLeast : value <= asked.atMost;
}
