/** The role gateway: what the resolvers are served by. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contextOf, createFormatError, serviceSchema } from '../gateway/index.ts';
import { History } from '../history/history.ts';
import { createLocalExecutor } from '../import/local-executor.ts';
import { createSampleImporter } from '../import/sample-importer.ts';
import type { EventLog } from '../log/event-log.ts';
import { processorOf } from '../processors/index.ts';
import type { Services } from '../resolvers/context.ts';
import { createOrderDeliveries } from '../transactions/delivery-orders.ts';
import { knownIn } from '../transactions/known-entities.ts';
import { Reflection } from '../transactions/reflection.ts';
import { createSubmit } from '../transactions/submit.ts';
import { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import { openConsole, type Telling } from './console.ts';
import type { OpenedViews } from './engines.ts';
import type { Sealing } from './sealing.ts';
import type { Work } from './work.ts';

export async function startServing(
  work: Work,
  log: EventLog,
  { sealer, secrets, opened }: Sealing,
  openedViews: OpenedViews,
  telling: Telling,
): Promise<Services> {
  const { configuration, telemetry, parts, starting, endings } = work;
  const { views } = openedViews;
  const meter = telemetry.meter();
  const tracker = await starting.attempt(
    'log',
    () => TransactionTracker.start({ log, views, processorOf, meter }),
    (late) => late.stop(),
  );
  endings.push(() => tracker.stop());
  parts.add('transactions', tracker.following());
  telemetry.transactions(() => tracker.kept);
  const formatError = createFormatError(work.logger);
  const executorFor = (viewer: ViewerIdentity) =>
    createLocalExecutor({
      schema: serviceSchema(),
      context: () => contextOf(services)({ viewer, traceparent: undefined, operation: {} }),
      formatError,
    });
  const samples = createSampleImporter({ directory: samplesFolder(), executorFor });
  endings.push(() => samples.stop());
  // With its keys: what has been erased shows as erased, also in the past.
  const history = new History({ log: opened, views });
  endings.push(() => history.stop());
  const console = openConsole({ ...work, log, opened: openedViews, tracker, history, telling, executorFor });
  endings.push(() => console.stop());
  const services: Services = {
    views,
    tracker,
    reflection: new Reflection({ log, views, tracker }),
    history,
    submit: telemetry.submit(
      createSubmit({
        log,
        tracker,
        partitions: configuration.partitions,
        sealer,
        isKnown: knownIn(views),
        maxUnfinished: configuration.limits.unfinishedTransactions,
        backPressure: {
          appendingBytes: configuration.limits.appendingMegabytes * 1024 * 1024,
          transactions: configuration.limits.waitingTransactions,
        },
      }),
    ),
    samples,
    console: console.console,
    meter,
    canErase: sealer !== undefined,
    sealSecret: secrets && ((secret) => secrets.seal(secret)),
    orderDeliveries: createOrderDeliveries(log, configuration.partitions),
  };
  return services;
}

/** Beside the sources; a folder up from what is built from them. */
function samplesFolder(): string {
  const folders = ['../examples/northwind', '../../examples/northwind'].map((path) => new URL(path, import.meta.url));
  return fileURLToPath(
    folders.find((folder) => existsSync(folder)) ?? new URL('../examples/northwind', import.meta.url),
  );
}
