/** What a run works on: processes to be broken, and what the nemesis may do to them. */
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import type { Gateway } from '../workload/gateway-client.ts';

export interface SystemOptions {
  /** The folder of the build. */
  readonly build: string;
  /** The folder of another version, which some processes run at times. */
  readonly other?: string;
  /** Nothing will be broken: engines then wait for one another as long as they do by default. */
  readonly healthy?: boolean;
}

export interface Fault {
  /** As it is counted and printed. */
  readonly kind: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  /** What it takes hold of: two faults at the same time never have the same. */
  readonly of: string;
  /** Strikes and heals again; resolves with what it did, in a few words. */
  strike(random: Random): Promise<string>;
}

/** Told of what happens to processes without the nemesis. */
export interface Observer {
  /** A broker was killed, at this moment. */
  brokerKilled(): void;
  /** One died at the failpoint that it was started with. */
  fault(kind: string, detail: string): void;
  /** One ended with a message because it could not start, as it should while what it needs is out of reach. */
  note(message: string): void;
  /** One ended as none should. */
  crash(message: string): void;
}

export type Gathered = Pick<History, 'partitions' | 'log' | 'views' | 'broker'>;

export interface System {
  readonly gateways: readonly Gateway[];
  readonly faults: readonly Fault[];
  /** Where strangers can write to the log, past the gateways; undefined on the embedded engines. */
  readonly open?: { readonly brokers: readonly string[]; readonly partitions: number };
  /** Everything runs, and nothing is told to fail any more. */
  heal(): Promise<void>;
  /** Resolves when all that is on the log has been decided and projected. @throws when that takes too long */
  rest(): Promise<void>;
  gather(): Promise<Gathered>;
  /** In a few words, what can be told for diagnosis: where outputs are. */
  readonly logs: string;
  stop(): Promise<void>;
}
