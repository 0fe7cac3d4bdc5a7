/**
 * The processes there are. Each tells how it is on a compacted topic, `processes`, every few seconds; gateways follow it. Why so:
 * docs/decisions/console.md. On a log that belongs to one process there is nobody to tell, and nothing is written.
 */
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventLog, FollowBatch, Following } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { noProcess, type ProcessReport, processRecord, readProcessReport } from '../records/process-report.ts';
import { PROCESSES } from '../records/topics.ts';
import { BackOff } from '../waiting/back-off.ts';

const TELL_EVERY_MS = 3_000;
/** Three heartbeats and a little: a pause for garbage or a slow append is no death. */
const GONE_AFTER_MS = 10_000;
/** How long those who are gone are still shown. */
const FORGET_AFTER_MS = 3_600_000;

/** What a process tells of itself, but for what is measured here. */
export type OwnReport = Omit<ProcessReport, 'at' | 'memoryBytes' | 'loopDelayMs'>;

/** `silent`: nothing is heard of it, but nor of this very gateway: the log is out of reach. */
export type Hearing = 'heard' | 'gone' | 'silent';

export interface SeenProcess extends ProcessReport {
  readonly id: string;
  readonly hearing: Hearing;
}

interface Heard {
  readonly report: ProcessReport;
  /** `performance.now()` of this process when it was read here: clocks of machines differ, and jump. */
  readonly at: number;
}

export interface ProcessesOptions {
  readonly log: EventLog;
  readonly partitions: number;
  /** Whether other processes use the same log. */
  readonly shared: boolean;
  own(): Promise<OwnReport>;
  /** The others cannot be told, or heard. Of telling, called at the first failure, and at the first after a success. */
  onTrouble(error: unknown): void;
  readonly tellEveryMs?: number;
  readonly goneAfterMs?: number;
  readonly forgetAfterMs?: number;
}

export class Processes {
  readonly id = randomUUID();
  readonly #options: Required<ProcessesOptions>;
  readonly #loop = monitorEventLoopDelay({ resolution: 10 });
  readonly #heard = new Map<string, Heard>();
  readonly #stopped = new AbortController();
  #starting: Promise<void> | undefined;
  #following: Following | undefined;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;
  #troubled = false;
  #loopDelayMs = 0;

  constructor(options: ProcessesOptions) {
    this.#options = {
      tellEveryMs: TELL_EVERY_MS,
      goneAfterMs: GONE_AFTER_MS,
      forgetAfterMs: FORGET_AFTER_MS,
      ...options,
    };
    this.#loop.enable();
    const beat = () => {
      this.#loopDelayMs = Math.max(0, this.#loop.max / 1e6 - 10);
      this.#loop.reset();
      void this.tell();
    };
    this.#timer = setInterval(beat, this.#options.tellEveryMs);
    this.#timer.unref();
    void this.tell();
  }

  /** Tells how this process is, now; one telling at a time. */
  async tell(): Promise<void> {
    if (!this.#options.shared || this.#timer === undefined) return;
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    });
    await this.#telling;
  }

  async #tell(): Promise<void> {
    try {
      await this.#options.log.append([processRecord(this.id, await this.#now())]);
      this.#troubled = false;
    } catch (error) {
      if (!this.#troubled) this.#options.onTrouble(error);
      this.#troubled = true;
    }
  }

  /** Hears of the others from now on. That they cannot be heard keeps nobody from serving: it is tried again in the background. */
  follow(): void {
    if (this.#options.shared) this.#starting ??= this.#follow();
  }

  async #follow(): Promise<void> {
    const backOff = new BackOff({ firstMs: 1_000, longestMs: 30_000, ref: false });
    const { signal } = this.#stopped;
    while (!signal.aborted && this.#following === undefined) {
      try {
        this.#following = await this.#options.log.follow({
          name: 'processes',
          topics: [PROCESSES],
          from: 'beginning',
          onBatch: (batch) => this.#hear(batch),
        });
      } catch (error) {
        this.#options.onTrouble(error);
        await backOff.wait(signal);
      }
    }
  }

  #hear({ records }: FollowBatch): void {
    for (const record of records) {
      try {
        const { id, report } = readProcessReport(record);
        if (report === null) this.#heard.delete(id);
        else this.#heard.set(id, { report, at: performance.now() });
      } catch (error) {
        // Of a version that tells otherwise: it is not shown, and holds nobody up.
        if (!(error instanceof UnreadableRecord)) throw error;
      }
    }
  }

  /** All there are, this one first, then by role and start. */
  async now(): Promise<readonly SeenProcess[]> {
    const own: SeenProcess = { ...(await this.#now()), id: this.id, hearing: 'heard' };
    this.#forget();
    const late = (at: number) => performance.now() - at > this.#options.goneAfterMs;
    const echo = this.#heard.get(this.id);
    const deaf = echo === undefined || late(echo.at);
    const others = [...this.#heard].flatMap(([id, { report, at }]): readonly SeenProcess[] => {
      if (id === this.id) return [];
      return [{ ...report, id, hearing: !late(at) ? 'heard' : deaf ? 'silent' : 'gone' }];
    });
    const order = ({ roles, startedAt }: SeenProcess) => `${roles.join()} ${startedAt}`;
    return [own, ...others.sort((a, b) => (order(a) < order(b) ? -1 : 1))];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#loop.disable();
    this.#stopped.abort();
    await this.#telling;
    await this.#starting;
    await this.#following?.stop();
    if (this.#options.shared) await this.#withdraw([this.id]);
  }

  /** Those that are gone for long are no longer shown, by any gateway. */
  #forget(): void {
    const before = performance.now() - this.#options.forgetAfterMs;
    const old = [...this.#heard].filter(([, { at }]) => at < before).map(([id]) => id);
    for (const id of old) this.#heard.delete(id);
    if (old.length > 0) void this.#withdraw(old);
  }

  async #withdraw(ids: readonly string[]): Promise<void> {
    const at = new Date().toISOString();
    const gone = ids.map((id) => noProcess(id, partitionOf(id, this.#options.partitions), at));
    // Not told: the others see that nothing comes any more.
    await this.#options.log.append(gone).catch(() => undefined);
  }

  async #now(): Promise<ProcessReport> {
    return {
      ...(await this.#options.own()),
      at: new Date().toISOString(),
      memoryBytes: process.memoryUsage.rss(),
      loopDelayMs: Math.round(this.#loopDelayMs * 10) / 10,
    };
  }
}
