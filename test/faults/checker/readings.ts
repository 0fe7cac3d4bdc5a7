/**
 * (i) After a final status was pushed, a `reflecting` query showed all that the transaction had caused, follow-ups included
 * and REJECTED ones too: its entity and everything joined to it at those versions or later, each as it was at the version
 * shown, and the purchase in the totals or out of them.
 */
import type { History, Reading, ShownEntity } from '../history.ts';
import { entityName, fieldsAt, reachedBy } from './consequences.ts';
import { TotalsCheck } from './totals.ts';

export function checkReadings(history: History): string[] {
  const { readings } = history;
  const reached = reachedBy(history, new Set(readings.map(({ transactionId }) => transactionId)));
  const fields = fieldsAt(history, new Set(readings.flatMap((reading) => entitiesOf(reading).map(versionOf))));
  const totals = new TotalsCheck(history);
  return readings.flatMap((reading) => {
    const who = `a query that reflects ${reading.transactionId} at ${reading.gateway} showed`;
    if ('refused' in reading.shown) return [`${who} the refusal ${reading.shown.refused}`];
    const wanted = reached.get(reading.transactionId) ?? new Map<string, number>();
    return [
      ...missingFrom(reading, wanted),
      ...entitiesOf(reading).flatMap((shown) => [
        ...tooOld(shown, wanted),
        ...otherThan(shown, fields.get(versionOf(shown))),
        ...totals.wrongIn(reading, shown),
      ]),
    ].map((wrong) => `${who} ${wrong}`);
  });
}

function entitiesOf({ shown }: Reading): readonly ShownEntity[] {
  return 'refused' in shown ? [] : shown;
}

function versionOf({ aggregate, id, version }: ShownEntity): string {
  return `${entityName(aggregate, id)}@${version}`;
}

function missingFrom({ aggregate, entityId, shown }: Reading, wanted: ReadonlyMap<string, number>): string[] {
  const name = entityName(aggregate, entityId);
  const version = wanted.get(name);
  if (version === undefined || 'refused' in shown) return [];
  return shown.some((each) => each.aggregate === aggregate && each.id === entityId)
    ? []
    : [`nothing where version ${version} of ${name} is due`];
}

function tooOld({ aggregate, id, version }: ShownEntity, wanted: ReadonlyMap<string, number>): string[] {
  const name = entityName(aggregate, id);
  const least = wanted.get(name) ?? 0;
  return version >= least ? [] : [`version ${version} of ${name} where version ${least} is due`];
}

/** Totals have a check of their own, and version 0 stands for what another has named and nobody has made. */
function otherThan(shown: ShownEntity, fields: ShownEntity['fields'] | undefined): string[] {
  const name = versionOf(shown);
  if (fields === undefined) return shown.version === 0 ? [] : [`${name}, which no event gives`];
  return Object.entries(fields).flatMap(([field, value]) =>
    field in shown.fields && shown.fields[field] !== value
      ? [`${field} ${JSON.stringify(shown.fields[field])} of ${name}, where the events give ${JSON.stringify(value)}`]
      : [],
  );
}
