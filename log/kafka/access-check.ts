/**
 * Tells a mistake in the configuration from an outage, until the cluster has been reached for the first time: what worked
 * once may work again, and is tried for as long as it takes. A broker that is spoken to in another protocol hangs up and
 * says nothing, as does one that is just ending; so the other protocol is tried, and what answers to it proves the mistake.
 */
import type { KafkaConfig } from 'kafkajs';
import { isHungUp, isOfTls, reasonOf, wayOutOf } from './access-faults.ts';

/** What a connection is made with. */
export interface Access {
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
}

/** Rejects with why not; asks for nothing but the versions that a broker speaks, which needs no user. */
export type Connect = (access: Access) => Promise<void>;

const TRY_AGAIN_MS = 5000;
/** A mechanism that no broker has: it is asked which ones it has before anything secret is sent. */
const NO_MECHANISM = 'none' as 'plain';

export class AccessCheck {
  readonly #access: Access;
  readonly #connect: Connect;
  #reached = false;
  #tried: { readonly at: number; readonly found: Promise<string | undefined> } | undefined;

  constructor(access: Access, connect: Connect) {
    this.#access = access;
    this.#connect = connect;
  }

  /** A broker has done what it was asked for. */
  reached(): void {
    this.#reached = true;
  }

  /** Why waiting does not help, in a line that names the variable; undefined: it may help. */
  async mistake(error: unknown): Promise<string | undefined> {
    if (this.#reached) return undefined;
    if (wayOutOf(error) !== undefined) return reasonOf(error);
    if (!isHungUp(error)) return undefined;
    if (this.#tried === undefined || performance.now() - this.#tried.at > TRY_AGAIN_MS) {
      this.#tried = { at: performance.now(), found: this.#spokenInstead() };
    }
    const found = await this.#tried.found;
    return found === undefined ? undefined : `${found} (${reasonOf(error)})`;
  }

  async #spokenInstead(): Promise<string | undefined> {
    const { ssl, sasl } = this.#access;
    if (ssl) {
      const plain = await this.#errorWith({});
      if (plain === undefined)
        return 'the broker does not speak TLS at this port: KAFKA_SSL must be off, or KAFKA_BROKERS name another port';
    } else {
      // Nothing secret is sent, so it does not matter who answers.
      const secure = await this.#errorWith({ ssl: { rejectUnauthorized: false } });
      if (secure === undefined || isOfTls(secure)) return 'the broker speaks TLS at this port: KAFKA_SSL must be on';
    }
    if (sasl !== undefined) return undefined;
    const user = await this.#errorWith({
      ...(ssl ? { ssl } : {}),
      sasl: { mechanism: NO_MECHANISM, username: '', password: '' },
    });
    const wanted = user instanceof Error && 'type' in user && user.type === 'UNSUPPORTED_SASL_MECHANISM';
    return wanted
      ? 'the broker wants a user: KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set'
      : undefined;
  }

  async #errorWith(access: Access): Promise<unknown> {
    return this.#connect(access).catch((error: unknown) => error);
  }
}
