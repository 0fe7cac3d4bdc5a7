/** A topic of the embedded log, as it is stored. */
import type { Retention } from '../event-log.ts';
import { LogUnavailable } from '../event-log.ts';
import type { Samples } from './chunk-encoding.ts';

export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly retention: Retention;
  /** With which its records are compressed; none is ever dropped. */
  readonly samples: Samples;
}

/** A topic as `meta` holds it under its name. @throws {LogUnavailable} when it cannot be read */
export function topicFrom(name: unknown, value: unknown, samplesOf: (id: number) => Samples): Topic {
  if (typeof name === 'string' && typeof value === 'object' && value !== null) {
    const { id, partitions, retention } = value as Partial<Topic>;
    if (id !== undefined && partitions !== undefined && retention !== undefined)
      return { id, name, partitions, retention, samples: samplesOf(id) };
  }
  throw new LogUnavailable(`the log's own list of topics cannot be read at ${String(name)}`);
}
