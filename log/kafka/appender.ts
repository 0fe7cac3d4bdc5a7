/**
 * Appends, coalesced: whatever arrives while a request is under way goes into the next one, so that the busier it is the
 * more each request carries, and nobody waits for a timer. One request at a time keeps the order.
 */
import type { Producer } from 'kafkajs';
import { LogUnavailable, type NewRecord, type Position } from '../event-log.ts';
import type { Connections, Leashed } from './connections.ts';
import { baseOffsets, namedPartition, type PlacedRecord, placed, topicMessages } from './produce.ts';
import { MAX_BATCH_BYTES, RequestSize, sizeOf, tooLarge } from './record-size.ts';
import { Backoff, messageOf, within } from './waiting.ts';

/** Spent on a broker that restarts; sequence numbers make kafkajs's own attempts at one request harmless. */
const RETRY = { initialRetryTime: 50, multiplier: 2, factor: 0.2, maxRetryTime: 1000, retries: 8 };

interface Call {
  readonly positions: Position[];
  /** Records not yet acknowledged. */
  missing: number;
  settled: boolean;
  resolve(positions: readonly Position[]): void;
  reject(error: Error): void;
}

interface Entry {
  readonly record: PlacedRecord;
  readonly bytes: number;
  readonly call: Call;
  /** Which of the call's records this is. */
  readonly index: number;
}

interface AppenderOptions {
  readonly partitions: number;
  readonly timeoutMs: number;
}

export class Appender {
  readonly #connections: Connections;
  readonly #options: AppenderOptions;
  #queue: Entry[] = [];
  #sending: Promise<void> | undefined;
  #producer: { readonly client: Producer; kill(): void } | undefined;
  #trouble = 'no broker answered';
  #closed = false;

  constructor(connections: Connections, options: AppenderOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (records.length === 0) return Promise.resolve([]);
    if (this.#closed) return Promise.reject(new LogUnavailable('the log was closed'));
    const { partitions, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const call: Call = {
        positions: new Array(records.length),
        missing: records.length,
        settled: false,
        resolve,
        reject,
      };
      const entries: Entry[] = [];
      for (const [index, record] of records.entries()) {
        const bytes = sizeOf(record);
        if (bytes > MAX_BATCH_BYTES) return reject(tooLarge(record, bytes));
        entries.push({ record: placed(record, partitions), bytes, call, index });
      }
      const timer = setTimeout(() => {
        fail(call, new LogUnavailable(`the log did not acknowledge within ${timeoutMs} ms: ${this.#trouble}`));
      }, timeoutMs);
      call.resolve = (positions) => {
        clearTimeout(timer);
        resolve(positions);
      };
      call.reject = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      for (const entry of entries) this.#queue.push(entry);
      this.#sending ??= this.#send();
    });
  }

  /** Waits for what is under way, then lets go of the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#sending;
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer === undefined) return;
    await within(1000, 'disconnecting', producer.client.disconnect()).catch(() => undefined);
    producer.kill();
  }

  async #send(): Promise<void> {
    const backoff = new Backoff(20, 500);
    // Those who call one after another in the same turn go together from the first request on.
    await Promise.resolve();
    for (;;) {
      this.#queue = this.#queue.filter(({ call }) => !call.settled);
      if (this.#queue.length === 0) break;
      let producer: Producer;
      try {
        producer = await this.#connected();
      } catch (error) {
        // Nothing was sent, so it can be tried again for as long as the callers wait.
        this.#trouble = messageOf(error);
        await backoff.wait();
        continue;
      }
      const flight = this.#takeFlight();
      if (flight.length > 0) await this.#fly(producer, flight);
    }
    this.#sending = undefined;
  }

  /** From the front of the queue, as much as one request may hold. */
  #takeFlight(): Entry[] {
    const size = new RequestSize();
    let taken = 0;
    for (const { record, bytes } of this.#queue) {
      if (!size.fits(record.topic, record.partition, bytes)) break;
      taken += 1;
    }
    return this.#queue.splice(0, taken).filter(({ call }) => !call.settled);
  }

  async #fly(producer: Producer, flight: readonly Entry[]): Promise<void> {
    try {
      const sent = producer.sendBatch({ acks: -1, topicMessages: topicMessages(flight.map(({ record }) => record)) });
      acknowledge(flight, baseOffsets(await within(this.#options.timeoutMs, 'an append', sent)));
    } catch (error) {
      // Whether it was written is unknown, and so is the sequence number that the broker expects next: the producer goes.
      this.#trouble = messageOf(error);
      this.#producer?.kill();
      this.#producer = undefined;
      this.#connections.logger.warn({ error: this.#trouble }, 'an append failed');
      for (const { call } of flight) {
        fail(call, new LogUnavailable(`the log did not acknowledge: ${this.#trouble}`, { cause: error }));
      }
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer.client;
    const kafka: Leashed<import('kafkajs').Kafka> = this.#connections.kafka(RETRY, this.#options.timeoutMs);
    const client = kafka.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: namedPartition,
    });
    try {
      await within(this.#options.timeoutMs, 'connecting', client.connect());
    } catch (error) {
      kafka.kill();
      throw error;
    }
    this.#producer = { client, kill: kafka.kill };
    return client;
  }
}

function acknowledge(flight: readonly Entry[], nextOffsets: Map<string, number>): void {
  for (const { record, call, index } of flight) {
    const { topic, partition } = record;
    const place = `${topic}/${partition}`;
    const offset = nextOffsets.get(place);
    if (offset === undefined || offset < 0)
      throw new Error(`no offset was told for partition ${partition} of ${topic}`);
    nextOffsets.set(place, offset + 1);
    call.positions[index] = { topic, partition, offset };
    call.missing -= 1;
    if (call.missing > 0 || call.settled) continue;
    call.settled = true;
    call.resolve(call.positions);
  }
}

function fail(call: Call, error: Error): void {
  if (call.settled) return;
  call.settled = true;
  call.reject(error);
}
