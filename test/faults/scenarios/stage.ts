/** What the scenarios of time play on: built processes with clocks of their own, and a client that says how things ended. */
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../engines/free-port.ts';
import { CHECK_NAMES, check, type Violations } from '../checker/index.ts';
import type { History } from '../history.ts';
import { buildServer } from '../system/build.ts';
import { Child } from '../system/child.ts';
import { buildWithMistake, mistakeNamed } from '../system/mistakes.ts';
import { type Gateway, GatewayClient, NO_LIMITS, SECRET, tokenOf } from '../workload/gateway-client.ts';
import { Clock } from './clock.ts';

export const PARTITIONS = 2;
/** Play on servers that have this mistake: the scenarios are to turn red. */
const MISTAKE = process.env['FAULTS_MISTAKE'];
const READY_MS = 60_000;
/** Longer than anything here may take, and shorter than a test. */
const SILENCE_MS = 45_000;

export interface Ended {
  readonly transactionId: string;
  readonly id: string;
  readonly status: string;
  readonly code: string | undefined;
}

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'counterfoil-scenario-'));
  readonly crashes: string[] = [];
  readonly #build: string;
  readonly #children: Child[] = [];

  private constructor(build: string) {
    this.#build = build;
  }

  static async open(): Promise<Stage> {
    const build = await buildServer();
    const stage = new Stage(MISTAKE === undefined ? build : await buildWithMistake(build, mistakeNamed(MISTAKE)));
    await mkdir(stage.logs);
    return stage;
  }

  get logs(): string {
    return join(this.dir, 'logs');
  }

  clock(name: string, aheadMs = 0): Clock {
    return new Clock(this.dir, name, aheadMs);
  }

  /** A process with its clock, not started yet. */
  async child(name: string, clock: Clock, env: Readonly<Record<string, string>>): Promise<Child> {
    const child = new Child({
      name,
      build: this.#build,
      port: await freePort(),
      logs: this.logs,
      // The checker reads the log as it stands.
      env: {
        PARTITIONS: String(PARTITIONS),
        MASTER_KEY: 'off',
        AUTH_JWT_SECRET: SECRET,
        ...NO_LIMITS,
        ...clock.env,
        ...env,
      },
      observer: {
        fault: () => undefined,
        note: () => undefined,
        brokerKilled: () => undefined,
        crash: (message) => this.crashes.push(message),
      },
    });
    this.#children.push(child);
    return child;
  }

  /** Ends everything and removes what it left. */
  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end('SIGKILL')));
    await rm(this.dir, { recursive: true, force: true });
  }

  /** The processes' last words, for a failure's message. */
  async outputs(): Promise<string> {
    const tails = (await readdir(this.logs)).map(async (name) => {
      const text = await readFile(join(this.logs, name), 'utf8');
      return `${name}:\n${text.slice(-1500)}`;
    });
    return (await Promise.all(tails)).join('\n');
  }

  /** @throws with the processes' outputs when one is not ready in time */
  async started(...children: readonly Child[]): Promise<void> {
    for (const child of children) child.start();
    try {
      await Promise.all(children.map((child) => child.untilReady(READY_MS)));
    } catch (error) {
      throw new Error(`${String(error)}\n${await this.outputs()}`);
    }
  }
}

const STATUSES = 'subscription ($id: ID!) { transaction(id: $id) { status rejection { code } } }';

/** A client that sends one thing after another, and follows each. */
export class Shopper {
  readonly #gateway: Gateway;
  readonly #client: GatewayClient;

  private constructor(gateway: Gateway, client: GatewayClient) {
    this.#gateway = gateway;
    this.#client = client;
  }

  static async at(gateway: Gateway): Promise<Shopper> {
    return new Shopper(gateway, new GatewayClient('shopper', await tokenOf('shopper')));
  }

  /** Its receipt. */
  async send(mutation: string, input: object): Promise<{ readonly transactionId: string; readonly id: string }> {
    return (await this.ask(mutation, { input })).done;
  }

  /** Sends it and follows it to its end. */
  async perform(mutation: string, input: object): Promise<Ended> {
    return await this.end(await this.send(mutation, input));
  }

  async end(receipt: { readonly transactionId: string; readonly id: string }): Promise<Ended> {
    let last = { status: 'nothing', code: undefined as string | undefined };
    for await (const { status, rejection } of this.#statuses(receipt.transactionId)) {
      last = { status, code: rejection?.code };
    }
    return { ...receipt, ...last };
  }

  /** Resolves when the transaction has that status. */
  async until(status: string, transactionId: string): Promise<void> {
    for await (const now of this.#statuses(transactionId)) if (now.status === status) return;
    throw new Error(`${transactionId} ended without being ${status}`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is the query's.
  async ask(query: string, variables: object = {}): Promise<any> {
    return await this.#client.request(this.#gateway, query, variables, SILENCE_MS);
  }

  close(): void {
    this.#client.close();
  }

  async *#statuses(id: string) {
    for await (const data of this.#client.subscribe(this.#gateway, STATUSES, { id }, SILENCE_MS)) {
      yield data.transaction as { readonly status: string; readonly rejection: { readonly code: string } | null };
    }
  }
}

/** What is wrong on a log, of what can be told from it alone: by check, only those that found something. */
export function wrongOnTheLog(log: History['log']): Partial<Violations> {
  const found = check({
    partitions: PARTITIONS,
    ...{ operations: [], subscriptions: [], watchers: [], readings: [] },
    log,
    views: {},
    broker: { partitions: [], transactions: [] },
  });
  return Object.fromEntries(CHECK_NAMES.filter((name) => found[name].length > 0).map((name) => [name, found[name]]));
}
