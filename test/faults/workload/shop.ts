/** What the clients know of the shop, and what one of them does next: every kind of mutation, mostly about few products. */
import {
  ADD,
  CANCEL,
  DISCONTINUE,
  PLACE,
  REGISTER,
  REINSTATE,
  REMOVE_CUSTOMER,
  RESTOCK,
  UPDATE_CUSTOMER,
  UPDATE_PRODUCT,
  WRITE_OFF,
} from '../../e2e/operations.ts';
import type { Random } from '../random.ts';

export interface Wish {
  readonly command: keyof typeof MUTATIONS;
  readonly input: Readonly<Record<string, unknown>>;
}

export const MUTATIONS = {
  registerCustomer: REGISTER,
  updateCustomer: UPDATE_CUSTOMER,
  removeCustomer: REMOVE_CUSTOMER,
  addProduct: ADD,
  updateProduct: UPDATE_PRODUCT,
  restockProduct: RESTOCK,
  writeOffStock: WRITE_OFF,
  discontinueProduct: DISCONTINUE,
  reinstateProduct: REINSTATE,
  placePurchase: PLACE,
  cancelPurchase: CANCEL,
} as const;

const WEIGHTS: Readonly<Record<keyof typeof MUTATIONS, number>> = {
  placePurchase: 46,
  cancelPurchase: 14,
  restockProduct: 10,
  updateProduct: 7,
  updateCustomer: 6,
  registerCustomer: 7,
  addProduct: 5,
  removeCustomer: 3,
  writeOffStock: 2,
  discontinueProduct: 2,
  reinstateProduct: 1,
};

const WORDS = [
  'Amber',
  'Basil',
  'Cedar',
  'Dill',
  'Elder',
  'Fennel',
  'Ginger',
  'Hazel',
  'Iris',
  'Juniper',
  'Käse',
  'Łódź',
];
const RECENT = 400;
/** A name of a customer or product that thousands of purchases show is seldom changed: each of them is written anew. */
const RENAME_POPULAR = 0.005;
const IF_VERSION = 0.25;
/** The largest that an Int of GraphQL holds, and the largest that the rules allow of each. */
const LARGEST_INT = 2 ** 31 - 1;
const MOST_AT_ONCE = 1_000_000_000;
const MOST_IN_A_LINE = 1_000_000;
const HIGHEST_PRICE = '1000000.00';

export class Shop {
  readonly #random: Random;
  /** Those that stay; the popular ones hold most of the purchases, the scarce ones soon run out. */
  readonly #regulars: string[] = [];
  readonly #popular: string[] = [];
  readonly #scarce: string[] = [];
  /** Their stock, and the sums of what is paid for them, outgrow 31 and 53 bits. */
  readonly #vast: string[] = [];
  /** Those that come and go; some are removed or discontinued, and still asked for now and then. */
  readonly #passing: string[] = [];
  readonly #oddments: string[] = [];
  readonly #purchases: string[] = [];
  /** The newest version seen of each entity. */
  readonly #versions = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What must be there before anything can be bought. */
  opening(): readonly Wish[] {
    const wishes: Wish[] = [];
    for (let i = 0; i < 24; i++) {
      this.#regulars.push(`regular-${i}`);
      wishes.push({ command: 'registerCustomer', input: { id: `regular-${i}`, ...this.#person() } });
    }
    for (let i = 0; i < 6; i++) {
      this.#popular.push(`popular-${i}`);
      wishes.push({ command: 'addProduct', input: { id: `popular-${i}`, ...this.#ware(), stock: 100_000 } });
    }
    for (let i = 0; i < 4; i++) {
      this.#scarce.push(`scarce-${i}`);
      wishes.push({ command: 'addProduct', input: { id: `scarce-${i}`, ...this.#ware(), stock: 5 } });
    }
    for (let i = 0; i < 2; i++) {
      this.#vast.push(`vast-${i}`);
      const name = `${this.#random.pick(WORDS)} sea`;
      wishes.push({
        command: 'addProduct',
        input: { id: `vast-${i}`, name, price: HIGHEST_PRICE, stock: MOST_AT_ONCE },
      });
    }
    return wishes;
  }

  /** Told of what has been acknowledged. Those that were given an id are here to stay. */
  acknowledged({ command, input }: Wish, id: string): void {
    if (command === 'registerCustomer' && input['id'] === undefined) remember(this.#passing, id);
    if (command === 'addProduct' && input['id'] === undefined) remember(this.#oddments, id);
    if (command === 'placePurchase') remember(this.#purchases, id);
  }

  /** Told of the version at which a transaction left its entity. */
  learned(id: string, version: number): void {
    this.#versions.delete(id);
    this.#versions.set(id, Math.max(version, this.#versions.get(id) ?? 0));
    const [oldest] = this.#versions.keys();
    if (this.#versions.size > 4 * RECENT && oldest !== undefined) this.#versions.delete(oldest);
  }

  /** Another body for the same command: what a client sends that uses an idempotency key for two things. */
  otherBody({ command, input: body }: Wish): Wish {
    const input = this.#input(command);
    const same = JSON.stringify(input) === JSON.stringify(body);
    return input === undefined || same || this.#random.chance(0.3)
      ? { command: 'placePurchase', input: this.#purchase() }
      : { command, input };
  }

  /** Someone who buys one thing once, all of it their own: what is counted for them is known exactly. */
  newcomer(): {
    readonly customer: Wish;
    readonly product: Wish;
    purchase(customerId: string, productId: string): Wish;
  } {
    const random = this.#random;
    const stock = random.int(1, 9);
    return {
      customer: { command: 'registerCustomer', input: this.#person() },
      product: { command: 'addProduct', input: { ...this.#ware(), stock } },
      // Now and then more than there is.
      purchase: (customerId, productId) => ({
        command: 'placePurchase',
        input: { customerId, lines: [{ productId, quantity: random.int(1, stock + 2) }] },
      }),
    };
  }

  next(): Wish {
    const command = this.#random.weighted(WEIGHTS);
    const input = this.#input(command);
    return input === undefined ? { command: 'placePurchase', input: this.#purchase() } : { command, input };
  }

  #input(command: Wish['command']): Wish['input'] | undefined {
    const random = this.#random;
    switch (command) {
      case 'registerCustomer':
        // Now and then an id that is taken.
        return { ...this.#person(), ...(random.chance(0.05) ? { id: random.pick(this.#regulars) } : {}) };
      case 'addProduct':
        return { ...this.#ware(), stock: random.int(0, 200) };
      case 'updateCustomer':
        return this.#update('customerId', this.#regulars, this.#passing, () => this.#person());
      case 'updateProduct':
        return this.#update('productId', [...this.#popular, ...this.#scarce, ...this.#vast], this.#oddments, () =>
          this.#ware(),
        );
      case 'restockProduct':
        if (random.chance(0.04)) return { productId: random.pick(this.#vast), quantity: MOST_AT_ONCE };
        return random.chance(0.25)
          ? { productId: random.pick(this.#scarce), quantity: random.int(1, 4) }
          : { productId: random.pick([...this.#popular, ...this.#oddments]), quantity: random.int(1, 50) };
      case 'placePurchase':
        return this.#purchase();
      case 'removeCustomer':
        return this.#passing.length > 0 ? this.#ifVersion('customerId', random.pick(this.#passing)) : undefined;
      case 'writeOffStock':
        return { productId: random.pick([...this.#popular, ...this.#scarce]), quantity: random.int(1, 4) };
      case 'discontinueProduct':
      case 'reinstateProduct':
        return this.#oddments.length > 0 ? this.#ifVersion('productId', random.pick(this.#oddments)) : undefined;
      case 'cancelPurchase':
        return this.#purchases.length > 0 ? this.#ifVersion('purchaseId', random.pick(this.#purchases)) : undefined;
    }
  }

  /** Of a popular one seldom what purchases show; of another one everything. */
  #update(field: string, staying: readonly string[], passing: readonly string[], details: () => object) {
    const random = this.#random;
    if (passing.length > 0 && random.chance(0.6)) return this.#ifVersion(field, random.pick(passing), details());
    const id = random.pick(staying);
    if (random.chance(RENAME_POPULAR)) return this.#ifVersion(field, id, details());
    return this.#ifVersion(
      field,
      id,
      field === 'productId' && !this.#vast.includes(id)
        ? { price: this.#price() }
        : field === 'productId'
          ? { price: HIGHEST_PRICE }
          : { email: `${random.int(1, 1e6)}@example.com` },
    );
  }

  /** At times with a version: the right one, one that has passed, or one that never was and never can be. */
  #ifVersion(field: string, id: string, change: object = {}): Wish['input'] {
    const random = this.#random;
    const known = this.#versions.get(id) ?? 1;
    const input = { [field]: id, ...change };
    if (!random.chance(IF_VERSION)) return input;
    return { ...input, ifVersion: random.pick([known, known, known, Math.max(1, known - 1), 1, 0, -1, LARGEST_INT]) };
  }

  #purchase(): Wish['input'] {
    const random = this.#random;
    const customers = this.#passing.length > 0 && random.chance(0.15) ? this.#passing : this.#regulars;
    const from = random.weighted({ popular: 57, scarce: 25, oddments: 14, vast: 3, nothing: 1 });
    const products = new Set(random.sample(this.#popular, random.int(1, 3)));
    if (from === 'scarce') products.add(random.pick(this.#scarce));
    if (from === 'oddments' && this.#oddments.length > 0) products.add(random.pick(this.#oddments));
    if (from === 'vast') products.add(random.pick(this.#vast));
    if (from === 'nothing') products.add('no-such-product');
    return {
      customerId: random.chance(0.01) ? 'nobody' : random.pick(customers),
      lines: [...products].map((productId) => ({ productId, quantity: this.#quantity(productId) })),
    };
  }

  #quantity(productId: string): number {
    const random = this.#random;
    if (this.#vast.includes(productId)) return random.pick([MOST_IN_A_LINE, MOST_IN_A_LINE, MOST_IN_A_LINE + 1]);
    return random.chance(0.002) ? random.pick([MOST_IN_A_LINE, MOST_AT_ONCE]) : random.int(1, 3);
  }

  #person() {
    const [firstName, lastName] = [this.#random.pick(WORDS), this.#random.pick(WORDS)];
    return { firstName, lastName: `${lastName}son`, email: `${this.#random.int(1, 1e6)}@example.com` };
  }

  #ware() {
    return { name: `${this.#random.pick(WORDS)} ${this.#random.pick(WORDS)} tea`, price: this.#price() };
  }

  #price(): string {
    return `${this.#random.int(0, 99)}.${String(this.#random.int(0, 99)).padStart(2, '0')}`;
  }
}

function remember(known: string[], id: string): void {
  known.push(id);
  if (known.length > RECENT) known.splice(0, known.length - RECENT);
}
