/** The webhooks as they are now, followed on the log; and how many requests are on their way to each. */
import { type WebhookState, webhook } from '../domain/index.ts';
import type { EventLog, Following } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { isOwnTombstone, stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';

/** Requests that a process has under way to a webhook at a time: a slow receiver holds up no other. */
const MOST_AT_ONCE = 8;

export interface KnownWebhook extends WebhookState {
  readonly id: string;
}

export class KnownWebhooks {
  readonly #webhooks = new Map<string, KnownWebhook>();
  readonly #underway = new Map<string, number>();

  /** @param onChange webhooks have changed */
  static async follow(
    log: EventLog,
    onChange: (webhooks: KnownWebhooks) => void,
  ): Promise<{ readonly webhooks: KnownWebhooks; readonly following: Following }> {
    const webhooks = new KnownWebhooks();
    const following = await log.follow({
      name: 'outbox-webhooks',
      topics: [stateTopic(webhook.name)],
      from: 'beginning',
      onBatch({ records }) {
        for (const record of records) {
          if (record.key === null || isOwnTombstone(record)) continue;
          try {
            webhooks.#webhooks.set(record.key, { id: record.key, ...stateOf(record, webhook) });
          } catch (error) {
            // Written by somebody else: its processor mends the state.
            if (!(error instanceof UnreadableRecord)) throw error;
          }
        }
        onChange(webhooks);
      },
    });
    return { webhooks, following };
  }

  get(id: string): KnownWebhook | undefined {
    return this.#webhooks.get(id);
  }

  /** Whether there is one that was not removed. */
  any(): boolean {
    for (const { removed } of this.#webhooks.values()) if (!removed) return true;
    return false;
  }

  all(): Iterable<KnownWebhook> {
    return this.#webhooks.values();
  }

  /** Whether one more request may be sent to it now; `ended` is to be called for it then. */
  begin(id: string): boolean {
    const underway = this.#underway.get(id) ?? 0;
    if (underway >= MOST_AT_ONCE) return false;
    this.#underway.set(id, underway + 1);
    return true;
  }

  ended(id: string): void {
    const left = (this.#underway.get(id) ?? 1) - 1;
    if (left > 0) this.#underway.set(id, left);
    else this.#underway.delete(id);
  }
}
