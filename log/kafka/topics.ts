/** Creates topics with the settings they need, and checks that those there are would lose nothing. */
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { BackOff } from '../../waiting/back-off.ts';
import { within } from '../../waiting/within.ts';
import { LogMisconfigured, LogUnavailable, type Retention, TopicMisconfigured, type TopicSpec } from '../event-log.ts';
import { isDenied, reasonOf } from './access-faults.ts';
import type { Connections } from './connections.ts';
import type { KafkaLogOptions } from './options.ts';

const RETRY = { initialRetryTime: 100, retries: 3 };
const REQUEST_TIMEOUT_MS = 10_000;
const UNLIMITED = '-1';

type Settings = Readonly<Record<string, string>>;

/** Compaction passes over a topic's newest segment: a small one, soon closed, keeps what has to be read and stored small. */
const HOT: Settings = { 'segment.bytes': '16777216', 'segment.ms': '3600000', 'min.cleanable.dirty.ratio': '0.1' };

export class Topics {
  readonly #connections: Connections;
  readonly #options: KafkaLogOptions;
  readonly #timeoutMs: number;
  /** Topics that some broker has listed. Another may learn of a new one a moment later, and lists it then. */
  readonly #seen = new Set<string>();

  constructor(connections: Connections, options: KafkaLogOptions, timeoutMs: number) {
    this.#connections = connections;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
  }

  async missing(names: readonly string[]): Promise<readonly string[]> {
    return this.#admin('list topics', async (admin) => {
      const there = await this.#list(admin);
      return names.filter((name) => !there.has(name));
    });
  }

  async create(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    return this.#admin('create topics', async (admin) => {
      const there = await this.#list(admin);
      const missing = specs.filter(({ name }) => !there.has(name));
      const created: string[] = [];
      // One by one: of several in a request, kafkajs does not tell which were there already.
      for (const spec of missing) {
        const topic: ITopicConfig = {
          topic: spec.name,
          numPartitions: spec.partitions,
          replicationFactor: this.#options.topicReplication ?? -1,
          configEntries: Object.entries({ ...settingsFor(spec.retention), ...(spec.hot ? HOT : {}) }).map(
            ([name, value]) => ({ name, value }),
          ),
        };
        // False: another process was faster.
        if (await admin.createTopics({ topics: [topic], waitForLeaders: true })) created.push(spec.name);
      }
      // What another process has just created is there once the broker lists it.
      const appearing = new BackOff({ firstMs: 20, longestMs: 500 });
      while (specs.some(({ name }) => !this.#seen.has(name))) {
        await appearing.wait();
        await this.#list(admin);
      }
      return created;
    });
  }

  async check(specs: readonly TopicSpec[]): Promise<void> {
    await this.#admin('check topics', async (admin) => {
      const there = await this.#list(admin);
      for (const spec of specs) {
        if (there.has(spec.name)) continue;
        if (this.#seen.has(spec.name)) throw new Error(`topic ${spec.name} is not known to all brokers yet`);
        throw new TopicMisconfigured(`topic ${spec.name} is missing: ${this.#createCommand(spec)}`);
      }
      const names = specs.map(({ name }) => name);
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      for (const spec of specs) {
        const partitions = topics.find(({ name }) => name === spec.name)?.partitions.length ?? 0;
        if (partitions !== spec.partitions) throw new TopicMisconfigured(this.#wrongPartitions(spec, partitions));
      }
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
      });
      for (const spec of specs) {
        const entries = resources.find(({ resourceName }) => resourceName === spec.name)?.configEntries ?? [];
        const settings = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
        const wrong = wrongSetting(spec.retention, settings);
        if (wrong !== undefined) throw new TopicMisconfigured(this.#wrongSetting(spec, wrong, settings[wrong.name]));
      }
    });
  }

  /** As one broker knows them. */
  async #list(admin: Admin): Promise<ReadonlySet<string>> {
    const listed = await admin.listTopics();
    for (const name of listed) this.#seen.add(name);
    return new Set(listed);
  }

  #wrongPartitions({ name, partitions }: TopicSpec, found: number): string {
    const problem = `topic ${name} has ${found} partitions, not ${partitions}`;
    if (found > partitions) {
      return `${problem}: a key would be looked for where it is not; set the number of partitions to ${found}, use other topics, or make a copy of all with \`counterfoil copy\``;
    }
    return `${problem}: while it is still empty, mend it with kafka-topics.sh ${this.#bootstrap()} --alter --topic ${name} --partitions ${partitions}`;
  }

  #wrongSetting({ name }: TopicSpec, wrong: { name: string; value: string }, found: string | undefined): string {
    const config = `${wrong.name}=${wrong.value}`;
    return (
      `topic ${name} has ${wrong.name}=${found ?? '?'}, which would lose data; mend it with ` +
      `kafka-configs.sh ${this.#bootstrap()} --alter --entity-type topics --entity-name ${name} --add-config ${config}`
    );
  }

  #createCommand({ name, partitions, retention }: TopicSpec): string {
    const configs = Object.entries(settingsFor(retention)).map(([key, value]) => `--config ${key}=${value}`);
    return `kafka-topics.sh ${this.#bootstrap()} --create --topic ${name} --partitions ${partitions} ${configs.join(' ')}`;
  }

  #bootstrap(): string {
    return `--bootstrap-server ${this.#options.brokers.join(',')}`;
  }

  /** Tries until the time is up, unless something is wrong with a topic, or with the way to the brokers. */
  async #admin<T>(what: string, use: (admin: Admin) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#timeoutMs;
    const backoff = new BackOff({ firstMs: 100, longestMs: 1000 });
    for (;;) {
      const { client, kill } = this.#connections.kafka(RETRY, REQUEST_TIMEOUT_MS);
      const admin = client.admin();
      const work = async () => {
        await admin.connect();
        return use(admin);
      };
      try {
        const result = await within(this.#timeoutMs, what, work());
        this.#connections.access.reached();
        return result;
      } catch (error) {
        if (error instanceof TopicMisconfigured) throw error;
        const mistake = isDenied(error) ? reasonOf(error) : await this.#connections.access.mistake(error);
        if (mistake !== undefined) throw new LogMisconfigured(`cannot ${what}: ${mistake}`, { cause: error });
        if (Date.now() >= deadline) throw new LogUnavailable(`cannot ${what}: ${reasonOf(error)}`, { cause: error });
      } finally {
        await within(1000, 'disconnecting', admin.disconnect()).catch(() => undefined);
        kill();
      }
      await backoff.wait();
    }
  }
}

function settingsFor(retention: Retention): Settings {
  if (retention === 'forever')
    return { 'cleanup.policy': 'delete', 'retention.ms': UNLIMITED, 'retention.bytes': UNLIMITED };
  if (retention === 'compact') return { 'cleanup.policy': 'compact' };
  return { 'cleanup.policy': 'delete', 'retention.ms': String(retention.ms), 'retention.bytes': UNLIMITED };
}

/** The first setting by which the topic would lose what it is to keep. One that keeps more than asked is not wrong. */
function wrongSetting(retention: Retention, found: Settings): { name: string; value: string } | undefined {
  for (const [name, value] of Object.entries(settingsFor(retention))) {
    const actual = found[name];
    if (actual === value) continue;
    if (name !== 'cleanup.policy' && actual !== undefined && keepsMore(Number(actual), Number(value))) continue;
    return { name, value };
  }
  return undefined;
}

function keepsMore(actual: number, wanted: number): boolean {
  return actual < 0 || (wanted >= 0 && actual >= wanted);
}
