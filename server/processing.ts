/** The roles that go by the log alone: processors, and the outbox. */
import type { EventLog } from '../log/event-log.ts';
import { startOutbox } from '../outbox/index.ts';
import { type ProcessorOptions, startProcessors } from '../processors/index.ts';
import { Standby } from '../processors/standby.ts';
import { othersTurn } from '../waiting/time-slice.ts';
import { openStates } from './engines.ts';
import type { Sealing } from './sealing.ts';
import type { Work } from './work.ts';

export async function startProcessing(
  { configuration, logger, telemetry, parts, starting, endings }: Work,
  log: EventLog,
): Promise<void> {
  const { partitions, timeouts, commandsWithoutRoles, standbyMs } = configuration;
  await othersTurn();
  const stores = await openStates(configuration, logger);
  endings.push(() => stores.close());
  const standby =
    standbyMs === undefined
      ? undefined
      : new Standby({
          log,
          everyMs: standbyMs,
          lasting: () => stores.lasting,
          onTrouble: (error) =>
            logger.warn({ err: error }, 'standby copies are not brought up to date; it is tried again'),
        });
  const options: ProcessorOptions = {
    log,
    stores,
    cacheBytes: configuration.stateCacheBytes,
    partitions,
    timeouts,
    withoutRoles: commandsWithoutRoles,
    observer: telemetry.observer(),
    standby,
    onTrouble: (error) => logger.warn({ err: error }, 'a deadline cannot be written; it is tried again'),
  };
  const started = await starting.attempt('log', () => startProcessors(options));
  for (const [aggregate, running] of started) {
    parts.add(`processor ${aggregate}`, running);
    endings.push(() => running.stop());
  }
  standby?.start();
  if (standby !== undefined) endings.push(() => standby.stop());
}

/** Nobody waits for it: what it is behind with is told by the deliveries. */
export async function startSending(
  { configuration, logger, telemetry, parts, starting, endings }: Work,
  log: EventLog,
  { opened, secrets }: Sealing,
): Promise<void> {
  const outbox = await starting.attempt(
    'log',
    () =>
      startOutbox({
        log,
        opened,
        openSecret: async (sealed) => await secrets?.open(sealed),
        allowPrivate: configuration.allowPrivateWebhooks,
        observer: telemetry.outbox(),
        onTrouble: (error) => logger.warn({ err: error }, 'something of the outbox cannot be done; it is tried again'),
        onFollowing: (following) => parts.addAside('outbox events', following),
      }),
    (late) => late.stop(),
  );
  const oldest = () => [{ labels: {}, value: outbox.oldestSeconds() }];
  telemetry.metrics.gauge('counterfoil_webhook_oldest_undelivered_seconds', oldest);
  parts.add('outbox', outbox.running);
  parts.add('outbox webhooks', outbox.webhooks);
  endings.push(() => outbox.stop());
}
