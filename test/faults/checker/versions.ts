/** (c) Per aggregate, versions go 1, 2, 3 … without gap or repeat. Rejections and notices take none. */
import { AGGREGATES, entriesOf, type History, placeOf } from '../history.ts';

export function checkVersions(history: History): string[] {
  return AGGREGATES.flatMap((aggregate) => {
    const last = new Map<string, number>();
    return entriesOf(history, `${aggregate}.events`).flatMap((entry) => {
      if (entry.version === undefined) return [];
      const wanted = (last.get(entry.key) ?? 0) + 1;
      last.set(entry.key, entry.version);
      return entry.version === wanted
        ? []
        : [`${placeOf(entry)}: ${aggregate} ${entry.key} has version ${entry.version} where ${wanted} is due`];
    });
  });
}
