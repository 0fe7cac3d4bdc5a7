/** The process, run by `main.ts`: reads the configuration, starts what it asks for, and ends it on SIGTERM or Ctrl-C. */
import { pino } from 'pino';
import { type Counterfoil, startCounterfoil } from './compose.ts';
import { ConfigurationError, readConfiguration } from './configuration.ts';
import { given } from './given.ts';

/** How long stopping may take before the process ends all the same, in ms; what was acknowledged is safe either way. */
const PATIENCE_MS = 20_000;

function fail(message: string): never {
  process.stderr.write(`counterfoil: ${message}\n`);
  process.exit(1);
}

function configure() {
  try {
    return readConfiguration(given);
  } catch (error) {
    if (error instanceof ConfigurationError) fail(error.message);
    throw error;
  }
}

const configuration = configure();
const logger = pino({ level: configuration.logLevel });
let stopping = false;
let started: Counterfoil | undefined;

function stop(signal: string): void {
  // A second Ctrl-C means: now.
  if (stopping) process.exit(130);
  stopping = true;
  logger.info({ signal }, 'stopping');
  setTimeout(() => fail(`it did not stop within ${PATIENCE_MS / 1000} s`), PATIENCE_MS).unref();
  // Not listening yet: it ends as soon as it does.
  void started?.stop().then(ended, (error: unknown) => fail(String(error)));
}

function ended(): never {
  logger.info('stopped');
  process.exit(0);
}

process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));
// After an uncaught error the state of the process is unknown: it ends, and the next one restores from the log.
process.on('uncaughtException', (error) => {
  logger.fatal({ err: error }, 'uncaught');
  process.exit(70);
});

try {
  started = await startCounterfoil(configuration, logger);
} catch (error) {
  logger.debug({ err: error }, 'start failed');
  fail(error instanceof Error ? error.message : String(error));
}
if (stopping) await started.stop().then(ended);
logger.info(
  { roles: [...configuration.roles], log: configuration.log.engine, views: configuration.views.engine },
  'listening for probes, and opening the log',
);
try {
  // Not before: a start on a folder that another process has must not invite anyone.
  await started.opened();
  if (configuration.roles.has('gateway')) {
    const what = configuration.offered.graphiql ? 'GraphiQL' : 'the API';
    process.stdout.write(`Counterfoil is at ${started.url} (${what} at ${started.url}/graphql)\n`);
  }
  await started.ready();
  logger.info('ready: everything on the log has been restored, processed and projected');
} catch (error) {
  // Told to stop before it was ready: stopping is under way, so no exit here.
  if (!stopping) {
    stopping = true;
    logger.debug({ err: error }, 'start failed');
    // What has been opened is let go of first, if it lets go.
    const message = error instanceof Error ? error.message : String(error);
    setTimeout(() => fail(message), PATIENCE_MS).unref();
    await started.stop().catch(() => undefined);
    fail(message);
  }
}
