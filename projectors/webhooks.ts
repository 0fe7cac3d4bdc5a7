/** `webhooks.state` → the webhooks view. The secrets stay behind. */
import { type WebhookState, webhook } from '../domain/index.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';
import { fold } from '../views/fold.ts';
import { wordsOf } from '../views/words.ts';
import { type EntityProjector, newestById } from './projector.ts';

export const WEBHOOKS = 'webhooks';

export interface WebhookDoc extends Omit<WebhookState, 'sealedSecret' | 'earlierSecret' | 'rotatedAt'> {
  readonly _id: string;
  readonly rotatedAt: string | null;
  /** For sorting: the name, folded. */
  readonly nameKey: string;
  readonly words: readonly string[];
}

export function webhookDocument(_id: string, state: WebhookState): WebhookDoc {
  const { version, name, url, types, enabled, fingerprint, rotatedAt, removed, addedAt } = state;
  return {
    ...{ _id, version, name, url, types, enabled, fingerprint, removed, addedAt },
    rotatedAt: rotatedAt === '' ? null : rotatedAt,
    nameKey: fold(name),
    words: wordsOf(name),
  };
}

export const webhooks: EntityProjector = {
  view: {
    name: WEBHOOKS,
    indexes: [['nameKey'], ['addedAt'], ['words']],
    lists: ['words'],
    filtered: ['removed'],
  },
  topic: stateTopic('webhooks'),
  async project(records, tx, unreadable) {
    const states = await newestById(records, (record) => stateOf(record, webhook), unreadable);
    await tx.put(
      WEBHOOKS,
      [...states].map(([id, state]) => webhookDocument(id, state)),
    );
    return undefined;
  },
};
