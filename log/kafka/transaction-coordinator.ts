/**
 * The coordinator's part of transactions: who may write under a transactional id, which partitions a transaction has, and
 * how it ends. Each request is sent again, to whichever broker coordinates by then, until it is answered: all of them may
 * be repeated by the same producer and epoch (KIP-98), the end of a transaction too, as long as no new one was begun.
 */

import { BackOff } from '../../waiting/back-off.ts';
import { pause } from '../../waiting/pause.ts';
import type { TopicPartition } from '../event-log.ts';
import { reasonOf } from './access-faults.ts';
import { isOfOneBroker } from './batch-sender.ts';
import { byTopic } from './by-topic.ts';
import type { ClusterLink } from './cluster-link.ts';
import type { Broker } from './connections.ts';
import type { ProducerIdentity } from './encode-batch.ts';
import { answerOf, CONCURRENT_TRANSACTIONS, isPassing } from './protocol-errors.ts';

const OF_TRANSACTIONS = 1;
/** The broker marks the partitions of the last transaction; usually done within a few milliseconds. */
const CONCURRENT_PAUSE_MS = 1;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [10, 200];

export class TransactionCoordinator {
  readonly #link: ClusterLink;
  readonly #transactionalId: string;
  #nodeId: number | undefined;
  #stopped: Error | undefined;
  /** What is wrong at present. */
  trouble: string | undefined;

  constructor(link: ClusterLink, transactionalId: string) {
    this.#link = link;
    this.#transactionalId = transactionalId;
  }

  /** Fences every other producer of the transactional id; a transaction that one of them has open is aborted first. */
  async initProducer(timeoutMs: number): Promise<ProducerIdentity> {
    const request = { transactionalId: this.#transactionalId, transactionTimeout: timeoutMs };
    const { producerId, producerEpoch } = await this.#ask((broker) => broker.initProducerId(request));
    return { producerId: BigInt(producerId), epoch: producerEpoch };
  }

  /** Adds all partitions to the transaction, or none; with the first ones it begins. */
  async addPartitions(identity: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<void> {
    const request = {
      ...this.#of(identity),
      topics: [...byTopic(partitions)].map(([topic, of]) => ({
        topic,
        partitions: of.map(({ partition }) => partition),
      })),
    };
    await this.#ask((broker) => broker.addPartitionsToTxn(request));
  }

  /** Resolves once the coordinator has decided that the transaction is committed; readers see it a little later. */
  async commit(identity: ProducerIdentity): Promise<void> {
    await this.#ask((broker) => broker.endTxn({ ...this.#of(identity), transactionResult: true }));
  }

  /** What is asked from now on, or waits to be asked again, gets the error. */
  stop(error: Error): void {
    this.#stopped ??= error;
  }

  #of({ producerId, epoch }: ProducerIdentity) {
    return { transactionalId: this.#transactionalId, producerId: String(producerId), producerEpoch: epoch };
  }

  async #ask<T>(request: (broker: Broker) => Promise<T>): Promise<T> {
    const backoff = new BackOff({ firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS });
    for (;;) {
      if (this.#stopped !== undefined) throw this.#stopped;
      try {
        const answer = await this.#link.use(async (cluster) => {
          if (this.#nodeId !== undefined) return request(await cluster.findBroker({ nodeId: this.#nodeId }));
          const groupId = this.#transactionalId;
          const broker = await cluster.findGroupCoordinator({ groupId, coordinatorType: OF_TRANSACTIONS });
          this.#nodeId = Number(broker.nodeId);
          return request(broker);
        }, isOfOneBroker);
        this.trouble = undefined;
        return answer;
      } catch (error) {
        const code = answerOf(error);
        if (code !== undefined && !isPassing(error)) throw error;
        if (code === CONCURRENT_TRANSACTIONS) {
          await pause(CONCURRENT_PAUSE_MS);
          continue;
        }
        this.trouble = reasonOf(error);
        this.#nodeId = undefined;
        await backoff.wait();
      }
    }
  }
}
