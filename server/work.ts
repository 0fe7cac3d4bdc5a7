/** What the parts of a process are started with, and what they leave to be ended. */
import type { Logger } from 'pino';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Configuration } from './configuration.ts';
import type { Observation } from './observation.ts';
import type { Starting } from './starting.ts';

export interface Work {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly parts: Observation;
  readonly starting: Starting;
  readonly endings: Endings;
}

/** What has been started, to be ended in the opposite order. */
export type Endings = (() => Promise<void>)[];
