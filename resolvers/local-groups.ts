/**
 * Groups by days or months of a time zone, made of groups by spans of UTC. So the zones' rules are those of Node.js alone, and both
 * engines of the views give the same groups.
 */
import { compareScalars } from '../views/keyset.ts';
import type { Filter, Group, GroupSums, Scalar, ViewStore } from '../views/view-store.ts';
import { offsetAt, UTC } from './time-zone.ts';

const DAY_MS = 86_400_000;
/** What makes a whole time of the beginning of one. */
const LEAST = '0000-01-01T00:00:00.000Z';

/**
 * How much of a time in UTC is grouped by, and how long that is, the shortest last. Most zones differ from UTC by whole hours,
 * some by half an hour or a quarter; before standard time it was seconds.
 */
const SPANS = [
  { prefix: 10, ms: DAY_MS },
  { prefix: 13, ms: 3_600_000 },
  { prefix: 15, ms: 600_000 },
  { prefix: 16, ms: 60_000 },
  { prefix: 19, ms: 1000 },
] as const;

/** Most spans that are looked at each by itself: months of five years have so many days in which one ends and another begins. */
const MOST_SPLIT = 60;

export interface TimeGroups extends GroupSums {
  /** A field of ISO times in UTC. */
  readonly by: string;
  /** How many characters of a time are the key: 10 for days, 7 for months. */
  readonly prefix: number;
}

/** Groups in ascending order of key, each with what lies on its day or in its month by the clocks of the zone. */
export async function localGroups(
  views: ViewStore,
  view: string,
  question: TimeGroups,
  zone: string,
): Promise<readonly Group[]> {
  if (zone === UTC) return await views.groups(view, question);
  const spans = SPANS.filter(({ prefix }) => prefix > question.prefix);
  return added(await partsOf(views, view, question, zone, spans));
}

/** Groups that have local keys, several of them the same. */
async function partsOf(
  views: ViewStore,
  view: string,
  question: TimeGroups,
  zone: string,
  [span, ...shorter]: readonly (typeof SPANS)[number][],
): Promise<readonly Group[]> {
  if (span === undefined) throw new Error(`no groups of ${zone}: one second lies on two of its days`);
  const { by, filter = {} } = question;
  const keyAt = keysIn(zone, question.prefix);
  const parts: Group[] = [];
  /** Spans on both sides of a local midnight. */
  const split: Filter[] = [];
  for (const group of await views.groups(view, { ...question, prefix: span.prefix })) {
    if (typeof group.key !== 'string') {
      parts.push(group);
      continue;
    }
    const from = Date.parse(group.key + LEAST.slice(group.key.length));
    const key = keyAt(from);
    if (keyAt(from + span.ms - 1) === key) parts.push({ ...group, key });
    else split.push({ $and: [filter, { [by]: { $gte: isoOf(from), $lt: isoOf(from + span.ms) } }] });
  }
  if (split.length > MOST_SPLIT) return await partsOf(views, view, question, zone, shorter);
  const ofSplit = split.map((within) => partsOf(views, view, { ...question, filter: within }, zone, shorter));
  return [...parts, ...(await Promise.all(ofSplit)).flat()];
}

/** One group of all that have the same key. */
function added(parts: readonly Group[]): readonly Group[] {
  const groups = new Map<Scalar, Group>();
  for (const part of parts) {
    const { key } = part;
    const before: Group = groups.get(key) ?? { key, count: 0, sums: {} };
    const sums = Object.entries(part.sums).map(([field, sum]) => [field, sum + (before.sums[field] ?? 0n)] as const);
    groups.set(key, { key, count: before.count + part.count, sums: Object.fromEntries(sums) });
  }
  return [...groups.values()].sort((a, b) => compareScalars(a.key, b.key));
}

/** The local key of a moment. Groups come in order of time, so one day of UTC is looked up once, unless clocks change in it. */
function keysIn(zone: string, length: number): (moment: number) => string {
  let day = Number.NaN;
  let offset: number | undefined;
  return (moment) => {
    const begin = Math.floor(moment / DAY_MS) * DAY_MS;
    if (begin !== day) {
      day = begin;
      const first = offsetAt(zone, begin);
      offset = first === offsetAt(zone, begin + DAY_MS - 1) ? first : undefined;
    }
    return isoOf(moment + (offset ?? offsetAt(zone, moment))).slice(0, length);
  };
}

function isoOf(moment: number): string {
  return new Date(moment).toISOString();
}
