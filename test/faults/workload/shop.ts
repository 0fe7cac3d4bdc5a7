/** What the clients know of the shop, and what one of them does next: every kind of mutation, mostly about few products. */
import {
  ADD,
  CANCEL,
  DISCONTINUE,
  PLACE,
  REGISTER,
  REMOVE_CUSTOMER,
  RESTOCK,
  UPDATE_CUSTOMER,
  UPDATE_PRODUCT,
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
  discontinueProduct: DISCONTINUE,
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
  discontinueProduct: 2,
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
const RENAME_POPULAR = 0.0005;

export class Shop {
  readonly #random: Random;
  /** Those that stay; the popular ones hold most of the purchases, the scarce ones soon run out. */
  readonly #regulars: string[] = [];
  readonly #popular: string[] = [];
  readonly #scarce: string[] = [];
  /** Those that come and go; some are removed or discontinued, and still asked for now and then. */
  readonly #passing: string[] = [];
  readonly #oddments: string[] = [];
  readonly #purchases: string[] = [];

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
    return wishes;
  }

  /** Told of what has been acknowledged. Those that were given an id are here to stay. */
  acknowledged({ command, input }: Wish, id: string): void {
    if (command === 'registerCustomer' && input['id'] === undefined) remember(this.#passing, id);
    if (command === 'addProduct' && input['id'] === undefined) remember(this.#oddments, id);
    if (command === 'placePurchase') remember(this.#purchases, id);
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
        return this.#update('productId', [...this.#popular, ...this.#scarce], this.#oddments, () => this.#ware());
      case 'restockProduct':
        return random.chance(0.25)
          ? { productId: random.pick(this.#scarce), quantity: random.int(1, 4) }
          : { productId: random.pick([...this.#popular, ...this.#oddments]), quantity: random.int(1, 50) };
      case 'placePurchase':
        return this.#purchase();
      case 'removeCustomer':
        return this.#passing.length > 0 ? { customerId: random.pick(this.#passing) } : undefined;
      case 'discontinueProduct':
        return this.#oddments.length > 0 ? { productId: random.pick(this.#oddments) } : undefined;
      case 'cancelPurchase':
        return this.#purchases.length > 0 ? { purchaseId: random.pick(this.#purchases) } : undefined;
    }
  }

  /** Of a popular one something that purchases do not show; of another one everything. Versions are guessed at times. */
  #update(field: string, staying: readonly string[], passing: readonly string[], details: () => object) {
    const random = this.#random;
    const ifVersion = random.chance(0.2) ? { ifVersion: random.int(1, 4) } : {};
    if (passing.length > 0 && random.chance(0.6)) return { [field]: random.pick(passing), ...details(), ...ifVersion };
    const change = random.chance(RENAME_POPULAR)
      ? details()
      : field === 'productId'
        ? { price: this.#price() }
        : { email: `${random.int(1, 1e6)}@example.com` };
    return { [field]: random.pick(staying), ...change, ...ifVersion };
  }

  #purchase(): Wish['input'] {
    const random = this.#random;
    const customers = this.#passing.length > 0 && random.chance(0.15) ? this.#passing : this.#regulars;
    const from = random.weighted({ popular: 60, scarce: 25, oddments: 14, nothing: 1 });
    const products = new Set(random.sample(this.#popular, random.int(1, 3)));
    if (from === 'scarce') products.add(random.pick(this.#scarce));
    if (from === 'oddments' && this.#oddments.length > 0) products.add(random.pick(this.#oddments));
    if (from === 'nothing') products.add('no-such-product');
    return {
      customerId: random.chance(0.01) ? 'nobody' : random.pick(customers),
      lines: [...products].map((productId) => ({ productId, quantity: random.int(1, 3) })),
    };
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
