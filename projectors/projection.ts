/**
 * Runs the projectors: follows the state topics from the positions that the views hold, applies what has come in as steps,
 * and works off fan-outs beside them.
 *
 * It begins to follow anew when the stored positions have changed other than by its steps: after a rebuild, or when the
 * view database was deleted or put back from a backup. A step that does not start from the stored position is refused, but
 * a partition without new records makes no step: without this check its documents would stay missing.
 */
import type { EventLog, Following, Health, LogRecord, PartitionStatus, Position } from '../log/event-log.ts';
import type { ViewStore } from '../views/view-store.ts';
import { BackOff } from '../waiting/back-off.ts';
import { pause } from '../waiting/pause.ts';
import { FanOutWorker } from './fan-out-worker.ts';
import type { Projector } from './projector.ts';
import { Steps } from './steps.ts';

export interface ProjectionOptions {
  readonly log: EventLog;
  readonly views: ViewStore;
  readonly projectors: readonly Projector[];
  /** Name of the consumer group in which projectors share the partitions of shared views. */
  readonly name?: string;
  /** Most records in one step; default 2000 for shared views. */
  readonly maxStep?: number;
  /** How often stored positions of shared views are compared with those followed, in ms. Default 2000. */
  readonly checkEveryMs?: number;
  /**
   * Given for what is followed beside the views that people wait for: it never keeps those from being read, and lets them go
   * first for as long as this says that they are behind.
   */
  readonly aside?: () => boolean;
  onUnreadable?(record: LogRecord, reason: string): void;
  /** A step has been applied: how many records it held, and how long it took. */
  onStep?(records: number, seconds: number): void;
}

/** Resolves once it follows. @throws when the log or the views are out of reach. */
export async function startProjection(options: ProjectionOptions): Promise<Following> {
  const projection = new Projection(options);
  await projection.start();
  return projection;
}

const AGAIN_AFTER_MS = 500;

class Projection implements Following {
  readonly #options: ProjectionOptions;
  readonly #steps: Steps;
  /** Absent aside: one worker in a process is enough. */
  readonly #fanOuts: FanOutWorker | undefined;
  readonly #stopped = new AbortController();
  #endMoved: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #following: Following | undefined;
  /** Of the following that runs now: aborted when it gives way to another. */
  #round = new AbortController();
  /** Resolves when the views of this round hold what the log held at its beginning. */
  #filled: Promise<void> = Promise.resolve();
  #restarting: Promise<void> | undefined;
  #trouble: string | undefined;

  constructor(options: ProjectionOptions) {
    this.#options = options;
    this.#fanOuts = options.aside === undefined ? new FanOutWorker({ views: options.views }) : undefined;
    this.#steps = new Steps({ ...options, onFanOuts: (ids) => this.#fanOuts?.begun(ids) });
  }

  async start(): Promise<void> {
    const { views, checkEveryMs = 2000 } = this.#options;
    this.#endMoved = views.onMoved(() => this.#restart());
    try {
      await this.#follow();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (!views.shared) return;
    this.#timer = setInterval(() => void this.#check().catch(() => undefined), checkEveryMs);
    this.#timer.unref();
  }

  health(): Health {
    if (this.#stopped.signal.aborted) return { state: 'stopped' };
    const detail = this.#trouble ?? this.#fanOuts?.trouble;
    const health = this.#following?.health() ?? { state: 'starting' };
    if (health.state === 'trouble') return health;
    if (detail !== undefined) return { state: 'trouble', detail };
    return this.#restarting === undefined ? health : { state: 'starting' };
  }

  partitions(): readonly PartitionStatus[] {
    return this.#following?.partitions() ?? [];
  }

  /** Also waits until the views hold what the log held when they were begun. */
  async caughtUp(): Promise<void> {
    await this.#settled(async (following) => {
      await following.caughtUp();
      await this.#filled;
    });
  }

  async reached(positions: readonly Position[]): Promise<void> {
    await this.#settled((following) => following.reached(positions));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#round.abort();
    clearInterval(this.#timer);
    this.#endMoved?.();
    await this.#restarting;
    await this.#following?.stop();
    await this.#fanOuts?.stop();
  }

  /** Asks the following that runs; again when it has given way to another meanwhile. */
  async #settled(ask: (following: Following) => Promise<void>): Promise<void> {
    for (;;) {
      await this.#restarting;
      const round = this.#round.signal;
      if (this.#following === undefined) throw new Error('the projection has not been started');
      const ended = new Promise<void>((resolve) => round.addEventListener('abort', () => resolve(), { once: true }));
      try {
        await Promise.race([ask(this.#following), ended]);
        if (!round.aborted) return;
      } catch (error) {
        if (!round.aborted) throw error;
      }
      if (this.#stopped.signal.aborted) throw new Error('the projection was stopped');
    }
  }

  async #follow(): Promise<void> {
    const { log, views, projectors, name = 'projector', aside } = this.#options;
    const topics = projectors.map((projector) => projector.topic);
    this.#round = new AbortController();
    const ends = await log.ends(topics);
    const stored = await Promise.all(ends.map(({ topic, partition }) => views.position(topic, partition)));
    const fromNothing = stored.every((position) => position === 0) && ends.some(({ offset }) => offset > 0);
    if (fromNothing && aside === undefined) await views.filling('the views are being built from the log');
    this.#following = await log.follow({
      name,
      topics,
      from: ({ topic, partition }) => views.position(topic, partition),
      shared: views.shared,
      onBatch: (batch) => this.#steps.add(batch),
    });
    if (aside !== undefined) return;
    this.#filled = this.#fill(ends, this.#round.signal);
    this.#filled.catch(() => undefined);
  }

  /** Waits, together with all projectors there are, until the views have come as far as that, and lets them be read. */
  async #fill(ends: readonly Position[], signal: AbortSignal): Promise<void> {
    const backOff = new BackOff({ firstMs: 10, longestMs: AGAIN_AFTER_MS, ref: false });
    // Views out of reach: health tells of that, and it goes on when they are back.
    while (!(await this.#options.views.filled(ends).catch(() => false))) {
      await backOff.wait(signal);
      signal.throwIfAborted();
    }
  }

  #restart(): void {
    if (this.#stopped.signal.aborted) return;
    this.#round.abort();
    const before = this.#restarting ?? Promise.resolve();
    const restarting: Promise<void> = before.then(async () => {
      await this.#following?.stop();
      while (!this.#stopped.signal.aborted) {
        try {
          await this.#follow();
          this.#trouble = undefined;
          break;
        } catch (error) {
          this.#trouble = `the log cannot be followed again: ${error instanceof Error ? error.message : String(error)}`;
          await pause(AGAIN_AFTER_MS, { ref: false });
        }
      }
      if (this.#restarting === restarting) this.#restarting = undefined;
    });
    this.#restarting = restarting;
  }

  /** Positions behind those that steps have left: the database is an older one than it was. */
  async #check(): Promise<void> {
    const { views, aside } = this.#options;
    if (this.#restarting !== undefined || !(await this.#wentBack())) return;
    // Once more: another generation may have become live in between.
    await pause(AGAIN_AFTER_MS, { signal: this.#stopped.signal, ref: false });
    if (this.#stopped.signal.aborted || this.#restarting !== undefined || !(await this.#wentBack())) return;
    if (aside === undefined)
      await views.filling('the views went back to an earlier state, and are catching up with the log');
    this.#restart();
  }

  async #wentBack(): Promise<boolean> {
    const { views } = this.#options;
    for (const { topic, partition, position, state } of this.partitions()) {
      if (state === 'running' && (await views.position(topic, partition)) < position) return true;
    }
    return false;
  }
}
