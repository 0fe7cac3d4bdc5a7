/** Where a worker stands on its partition, and what is wrong: what its health and its lag are told from. */
import type { PartitionStatus, TopicPartition } from '../event-log.ts';
import type { PartitionStream } from './partition-stream.ts';

export class WorkerState {
  readonly place: TopicPartition;
  state: 'restoring' | 'running' = 'restoring';
  /** Everything before it has been handled. */
  position = 0;
  /** The partition's end, as long as no open stream tells it. */
  end = 0;
  /** Why the last step failed. It comes again first: until it gets through it is not known to be over. */
  failed: string | undefined;
  #trouble: string | undefined;
  #stream: PartitionStream | undefined;

  constructor({ topic, partition }: TopicPartition) {
    this.place = { topic, partition };
  }

  /** What is wrong at present. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.failed;
  }

  set trouble(detail: string | undefined) {
    this.#trouble = detail;
  }

  /** The worker reads this stream until `close`. */
  open(stream: PartitionStream): PartitionStream {
    this.#stream = stream;
    return stream;
  }

  /** Whoever waits for the stream's next records is told that there are none. */
  close(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.end = Math.max(this.end, stream.end ?? 0);
    this.#stream = undefined;
    stream.close();
  }

  status(): PartitionStatus {
    return {
      ...this.place,
      state: this.trouble === undefined ? this.state : 'trouble',
      position: this.position,
      lag: Math.max(0, (this.#stream?.end ?? this.end) - this.position),
    };
  }
}
