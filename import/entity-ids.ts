/**
 * What an import calls things in Counterfoil: the ids of entities, and the idempotency keys of commands. Both are made of the
 * data set, so that two shops' files with the same ids do not touch each other.
 */
import { createHash } from 'node:crypto';

/** The data set of the sample orders: the only one whose ids stand in Counterfoil as they are. */
const SAMPLE_DATA_SET = 'northwind';

const VALID_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** So many characters of the data set's name and of the shop's id are kept in an id, for people who read it. */
const READABLE = 20;
/** Characters of base64url: 96 bits. */
const HASH_LENGTH = 16;
const KEY_PREFIX = 'import ';

export type ShopKind = 'customer' | 'product' | 'order';

export class EntityIds {
  readonly #dataSet: string;

  constructor(dataSet: string) {
    this.#dataSet = dataSet;
  }

  /**
   * The id of the entity that a row stands for. The same row always has the same one.
   * @param attempt of an order: one that was refused keeps its id, so the next attempt has another
   */
  of(kind: ShopKind, shopId: string, attempt = 1): string {
    if (this.#dataSet === SAMPLE_DATA_SET && attempt === 1 && VALID_ID.test(shopId)) return shopId;
    const hash = hashOf([this.#dataSet, kind, shopId, attempt]).slice(0, HASH_LENGTH);
    return [readable(this.#dataSet), readable(shopId), hash].filter((part) => part !== '').join('-');
  }

  /** An idempotency key: the same for the same things, within this data set. */
  key(...of: readonly unknown[]): string {
    return KEY_PREFIX + hashOf([this.#dataSet, ...of]);
  }
}

function hashOf(of: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url');
}

/** The letters and digits of a text, as far as an id may hold them. */
function readable(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .slice(0, READABLE)
    .replaceAll(/^-+|-+$/g, '');
}
