/**
 * A stranger who writes to Counterfoil's topics what Counterfoil cannot read: commands and states that are no JSON or of no
 * known kind, commands of a user as a newer version might write them, batches of every codec, records of five megabytes.
 * Nobody may be held up by it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CompressionTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { AGGREGATES, FOREIGN_HEADER } from '../history.ts';
import type { Random } from '../random.ts';
import { registerStoredCodecs } from './stored-codecs.ts';

const EVERY_MS = [1000, 6000] as const;
const LARGE = 5 * 2 ** 20;
const HEADERS = { [FOREIGN_HEADER]: '1' };

type Kind = 'unreadable' | 'unknown' | 'newer' | 'codec' | 'large' | 'state' | 'status';

const WEIGHTS: Readonly<Record<Kind, number>> = {
  unreadable: 4,
  unknown: 2,
  newer: 4,
  codec: 8,
  large: 1,
  state: 3,
  status: 2,
};

export interface StrangerOptions {
  readonly brokers: readonly string[];
  /** Of every topic. */
  readonly partitions: number;
  readonly random: Random;
}

export class Stranger {
  readonly #producer: Producer;
  readonly #options: StrangerOptions;
  readonly #ended: Promise<void>;
  readonly #stopped = new AbortController();
  #written = 0;

  constructor(options: StrangerOptions) {
    registerStoredCodecs();
    this.#options = options;
    const kafka = new Kafka({ brokers: [...options.brokers], logLevel: logLevel.NOTHING });
    this.#producer = kafka.producer({ retry: { retries: 2 } });
    this.#ended = this.#run();
  }

  /** How many batches the broker has taken. */
  get written(): number {
    return this.#written;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
    await this.#producer.disconnect();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let connected = false;
    for (;;) {
      await pause(this.#options.random.int(...EVERY_MS), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        if (!connected) await this.#producer.connect();
        connected = true;
        await this.#write(this.#options.random.weighted(WEIGHTS));
        this.#written++;
      } catch {
        // The broker may be down; a stranger does not insist.
      }
    }
  }

  async #write(kind: Kind): Promise<void> {
    const { random, partitions } = this.#options;
    const aggregate = random.pick(AGGREGATES);
    const commands = `${aggregate}.commands`;
    const partition = random.int(0, partitions - 1);
    const message = (value: string | Buffer, headers: Message['headers'] = {}): Message => ({
      key: `foreign-${this.#written}`,
      value,
      partition,
      headers: { ...headers, ...HEADERS },
    });
    const send = (topic: string, messages: Message[], compression = CompressionTypes.None) =>
      this.#producer.send({ topic, messages, compression });
    switch (kind) {
      case 'unreadable':
        await send(commands, [message('{ no JSON'), message(Buffer.from([0xff, 0x00, 0xfe]))]);
        return;
      case 'unknown':
        await send(commands, [message('{}', { ce_specversion: '1.0', ce_id: 'x', ce_type: 'giveEverythingAway' })]);
        return;
      case 'newer': {
        // A user waits for the end of its transaction.
        const id = randomUUID();
        await send(commands, [
          message('{ "somethingNew": true }', {
            ...{ ce_specversion: '1.0', ce_id: id, ce_transactionid: id, ce_source: '/gateway' },
            ...{ ce_type: 'doSomethingNew', ce_subject: `foreign-${this.#written}`, ce_time: new Date().toISOString() },
            ...{ ce_issuedby: 'a user of a newer version', ce_roles: 'admin' },
          }),
        ]);
        return;
      }
      case 'codec': {
        const { GZIP, Snappy, LZ4, ZSTD } = CompressionTypes;
        const lines = Array.from({ length: random.int(1, 40) }, (_, at) =>
          message(`{ no JSON ${'x'.repeat(at * 100)}`),
        );
        await send(commands, lines, random.pick([GZIP, Snappy, LZ4, ZSTD]));
        return;
      }
      case 'large':
        await send(commands, [message(Buffer.alloc(LARGE, 'large '))], CompressionTypes.GZIP);
        return;
      case 'state':
        await send(random.pick([`${aggregate}.state`, 'keys.uses']), [message('{ no JSON')]);
        return;
      case 'status':
        await send('transactions', [message('{ "status": "PERHAPS" }')]);
        return;
    }
  }
}
