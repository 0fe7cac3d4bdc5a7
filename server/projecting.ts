/** The role projector: the views are written, and the index of the log beside them. */
import type { EventLog, Running } from '../log/event-log.ts';
import { logIndexers, type ProjectionOptions, projectors, startProjection } from '../projectors/index.ts';
import { idsOf } from '../telemetry/trace-context.ts';
import type { ViewStore } from '../views/view-store.ts';
import { doneBy } from './observation.ts';
import type { Work } from './work.ts';

export async function startProjecting(
  { logger, telemetry, parts, starting, endings }: Work,
  log: EventLog,
  views: ViewStore,
): Promise<void> {
  const options: ProjectionOptions = {
    log,
    views,
    projectors,
    onStep: telemetry.projected(),
    onUnreadable(record, reason) {
      const { topic, partition, offset } = record;
      const where = { topic, partition, offset, ...idsOf(record) };
      logger.error({ ...where, reason }, 'a state cannot be read: the view passes over it');
    },
  };
  const projection = await starting.attempt('log', () => startProjection(options));
  parts.add('projector', projection);
  // Embedded views that had to begin anew are not read before they are filled; those that are complete, if a little behind, are.
  const beingFilled = () => !parts.hasCaughtUp('projector') && views.health().state === 'trouble';
  if (!views.shared) parts.rebuilding(() => (beingFilled() ? doneBy(projection) : undefined));
  endings.push(() => projection.stop());
  await startIndexing({ starting, parts, endings }, { log, views }, projection);
}

/** Most records of one step of the index: its documents are small, and most of a transaction's come within one. */
const INDEX_STEP = 2000;

/** The index of the log: beside the views, and behind them when there is much to do. */
async function startIndexing(
  { starting, parts, endings }: Pick<Work, 'starting' | 'parts' | 'endings'>,
  engines: Pick<ProjectionOptions, 'log' | 'views'>,
  shown: Running,
): Promise<void> {
  const aside = () => shown.partitions().some(({ lag }) => lag > 0);
  const options = { ...engines, projectors: logIndexers, name: 'log-index', maxStep: INDEX_STEP, aside };
  const indexing = await starting.attempt('log', () => startProjection(options));
  parts.addAside('log index', indexing);
  endings.push(() => indexing.stop());
}
