/** The product: what can be bought, and its stock. Each follow-up takes effect once per purchase. */
import { Map as ImmutableMap } from 'immutable';
import { z } from 'zod';
import type { Aggregate } from './aggregate.ts';
import { ask } from './follow-up.ts';
import { MAX_ON_HAND, MAX_QUANTITY, MAX_STOCK } from './limits.ts';
import { heldNumber, ownerOfNumber, release, renumbered } from './number-claim.ts';
import { addProduct, change, changeNumbered, productChange, updateProduct } from './product-change.ts';
import { discontinue, reinstate } from './product-sale.ts';
import { allocate, brokenStock, checkFree, checkRoom, moveOn } from './product-stock.ts';
import { COMPLETED, rejectedBy } from './progress-steps.ts';
import { recordedRejection } from './recorded-rejection.ts';
import type { RejectionCodes } from './rejection-codes.ts';
import { STAFF, SYSTEM } from './rights.ts';
import { checkCount, checkId, checkName, checkNumber, checkPrice, firstOf, mustExist } from './rules.ts';
import { ADDED, openObject } from './versions.ts';

const version = z.int().min(1, 'must be at least 1').optional();
/** The command that wanted a number. */
const changeName = z.enum(['addProduct', 'updateProduct']);

/** In an event without `number` that stays as it was. */
const renumbering = {
  number: z.string().nullable().optional(),
  /** By which it holds `number`. */
  claim: z.string().optional(),
  /** What it gives back. */
  release: heldNumber.optional(),
};

const forPurchase = z.object({ productId: z.string(), purchaseId: z.string() });

const commands = {
  addProduct,
  updateProduct,
  restockProduct: z.object({ productId: z.string(), quantity: z.int(), ifVersion: version }),
  /** A correction: the units were counted, and never there, or they are lost. */
  writeOffStock: z.object({ productId: z.string(), quantity: z.int(), ifVersion: version }),
  discontinueProduct: z.object({ productId: z.string(), ifVersion: version }),
  reinstateProduct: z.object({ productId: z.string(), ifVersion: version }),
  /** Follow-ups of a purchase: free → reserved, reserved → sold, reserved → free, sold → free. */
  reserveStock: forPurchase.extend({ quantity: z.int() }),
  settleStock: forPurchase,
  releaseStock: forPurchase,
  takeStockBack: forPurchase,
  /** Follow-ups: what the owner of a number answered. */
  recordProductNumberGiven: z.object({ productId: z.string(), claim: z.string(), change: productChange }),
  recordProductNumberRefused: z.object({ productId: z.string(), command: changeName, refusal: recordedRejection }),
};

const moved = z.object({ purchaseId: z.string(), quantity: z.int() });

const events = {
  ProductAdded: z.object({ name: z.string(), price: z.int(), stock: z.int(), ...renumbering }),
  ProductUpdated: z.object({ name: z.string(), price: z.int(), ...renumbering }),
  ProductRestocked: z.object({ quantity: z.int() }),
  StockWrittenOff: z.object({ quantity: z.int() }),
  ProductDiscontinued: z.object({}),
  ProductReinstated: z.object({}),
  StockReserved: moved.extend({ unitPrice: z.int() }),
  StockSettled: moved,
  StockReleased: moved,
  StockTakenBack: moved,
  /** A notice: a change waits for the owner of the number. */
  ProductNumberAsked: z.object({ number: z.string(), claim: z.string(), change: productChange }),
  /** A notice: the change that asked for a number does not happen. */
  ProductChangeRejected: z.object({
    command: changeName,
    rejection: recordedRejection,
    release: heldNumber.optional(),
  }),
};

const allocation = openObject({ stage: z.enum(['RESERVED', 'SOLD', 'RELEASED', 'TAKEN_BACK']), quantity: z.int() });
export type Allocation = z.infer<typeof allocation>;

const published = openObject({
  version: z.int(),
  name: z.string(),
  /** Minor units. */
  price: z.int(),
  received: z.int(),
  free: z.int(),
  reserved: z.int(),
  sold: z.int(),
  discontinued: z.boolean(),
  number: z.string().nullable(),
  /** By which it holds the number; null: it holds none. */
  claim: z.string().nullable(),
});

export type ProductCommands = { [T in keyof typeof commands]: z.infer<(typeof commands)[T]> };
export type ProductEvents = { [T in keyof typeof events]: z.infer<(typeof events)[T]> };
export type PublishedProduct = z.infer<typeof published>;
export type ProductState = PublishedProduct & { readonly allocations: ImmutableMap<string, Allocation> };

const rejectionCodes = {
  PRODUCT_NOT_FOUND: {
    meaning: 'The product that is named does not exist.',
    remedy: 'Choose a product that exists.',
    title: 'Unknown product',
  },
  DISCONTINUED: {
    meaning: 'The product is discontinued, and cannot be bought.',
    remedy: 'Take the product out of the basket, or choose another one.',
    title: 'Discontinued product',
  },
  ALREADY_DISCONTINUED: {
    meaning: 'The product is discontinued already.',
    remedy: 'There is nothing left to do.',
  },
  NOT_DISCONTINUED: {
    meaning: 'The product is on sale.',
    remedy: 'There is nothing left to do.',
  },
  INSUFFICIENT_STOCK: {
    meaning: 'Fewer units of the product are free than are asked for.',
    remedy: 'Ask for fewer, or restock the product.',
    title: 'Not enough stock',
  },
  STOCK_TOO_LARGE: {
    meaning: 'The product would have more units than can be counted.',
    remedy: 'Add fewer units.',
  },
} as const satisfies RejectionCodes;

export const product: Aggregate<
  'products',
  ProductCommands,
  ProductEvents,
  ProductState,
  Allocation,
  typeof rejectionCodes
> = {
  name: 'products',
  idField: 'productId',
  commands,
  events,
  state: published.transform((state): ProductState => ({ ...state, allocations: ImmutableMap() })),
  upcasters: {
    commands: { addProduct: [ADDED], updateProduct: [ADDED] },
    events: { ProductAdded: [ADDED, ADDED], ProductUpdated: [ADDED, ADDED] },
    state: [
      ({ number = null, ...product }) => ({ ...product, number }),
      ({ claim = null, ...product }) => ({ ...product, claim }),
    ],
  },
  invariants: brokenStock,
  rejectionCodes,
  notPersonal: ['productId', 'purchaseId', 'name', 'number', 'claim', 'code', 'message', 'field'],
  notices: ['ProductNumberAsked', 'ProductChangeRejected'],
  initialState: {
    version: 0,
    name: '',
    price: 0,
    received: 0,
    free: 0,
    reserved: 0,
    sold: 0,
    discontinued: false,
    number: null,
    claim: null,
    allocations: ImmutableMap(),
  },
  parts: {
    name: 'allocations',
    schema: allocation,
    neededBy: (command) => ('purchaseId' in command.data ? command.data.purchaseId : undefined),
    touchedBy: (event) => ('purchaseId' in event.data ? event.data.purchaseId : undefined),
    get: (state, purchaseId) => state.allocations.get(purchaseId),
    set: (state, purchaseId, part) => ({ ...state, allocations: state.allocations.set(purchaseId, part) }),
    none: (state) => ({ ...state, allocations: ImmutableMap() }),
    without: ({ allocations: _, ...state }) => state,
    all: (state) => state.allocations.entries(),
  },

  rights: {
    addProduct: STAFF,
    updateProduct: STAFF,
    restockProduct: STAFF,
    writeOffStock: STAFF,
    discontinueProduct: STAFF,
    reinstateProduct: STAFF,
    reserveStock: SYSTEM,
    settleStock: SYSTEM,
    releaseStock: SYSTEM,
    takeStockBack: SYSTEM,
    recordProductNumberGiven: SYSTEM,
    recordProductNumberRefused: SYSTEM,
  },

  check: {
    addProduct: (c) =>
      firstOf(
        checkId('id', c.productId),
        checkName('name', c.name),
        checkPrice('price', c.price),
        checkCount('stock', c.stock, 0, MAX_STOCK),
        checkNumber('number', c.number),
      ),
    updateProduct: (c) =>
      firstOf(
        checkId('productId', c.productId),
        checkName('name', c.name),
        checkPrice('price', c.price),
        checkNumber('number', c.number),
      ),
    restockProduct: (c) => firstOf(checkId('productId', c.productId), checkCount('quantity', c.quantity, 1, MAX_STOCK)),
    writeOffStock: (c) =>
      firstOf(checkId('productId', c.productId), checkCount('quantity', c.quantity, 1, MAX_ON_HAND)),
    discontinueProduct: (c) => checkId('productId', c.productId),
    reinstateProduct: (c) => checkId('productId', c.productId),
    reserveStock: (c) => checkCount('quantity', c.quantity, 1, MAX_QUANTITY),
    settleStock: () => undefined,
    releaseStock: () => undefined,
    takeStockBack: () => undefined,
    recordProductNumberGiven: () => undefined,
    recordProductNumberRefused: () => undefined,
  },

  decide: {
    addProduct: (data, was, meta) => change({ type: 'addProduct', data }, was, meta),
    updateProduct: (data, was, meta) => change({ type: 'updateProduct', data }, was, meta),
    recordProductNumberGiven: changeNumbered,
    recordProductNumberRefused: ({ command, refusal: rejection }) => [
      { type: 'ProductChangeRejected', data: { command, rejection } },
    ],

    restockProduct: ({ productId, quantity, ifVersion }, was) =>
      mustExist('product', 'productId', productId, was, ifVersion) ??
      checkRoom(was, quantity) ?? [{ type: 'ProductRestocked', data: { quantity } }],
    writeOffStock: ({ productId, quantity, ifVersion }, was) =>
      mustExist('product', 'productId', productId, was, ifVersion) ??
      checkFree(was, quantity) ?? [{ type: 'StockWrittenOff', data: { quantity } }],
    discontinueProduct: discontinue,
    reinstateProduct: reinstate,

    reserveStock: ({ productId, purchaseId, quantity }, was) => {
      if (was.version === 0) {
        return { code: 'PRODUCT_NOT_FOUND', message: `there is no product ${productId}`, field: 'productId' };
      }
      if (was.allocations.has(purchaseId)) return [];
      if (was.discontinued) {
        return {
          code: 'DISCONTINUED',
          message: `${was.name} (${productId}) is discontinued and cannot be bought`,
          field: 'productId',
        };
      }
      if (was.free < quantity) {
        return {
          code: 'INSUFFICIENT_STOCK',
          message: `only ${was.free} of ${was.name} (${productId}) are free, ${quantity} were asked for`,
          field: 'quantity',
        };
      }
      return [{ type: 'StockReserved', data: { purchaseId, quantity, unitPrice: was.price } }];
    },
    settleStock: moveOn('StockSettled', 'RESERVED'),
    releaseStock: moveOn('StockReleased', 'RESERVED'),
    takeStockBack: moveOn('StockTakenBack', 'SOLD'),
  },

  evolve: {
    ProductAdded: (was, { name, price, stock, ...numbered }) => ({
      ...was,
      ...{ name, price, received: stock, free: stock },
      ...renumbered(was, numbered),
    }),
    ProductUpdated: (was, { name, price, ...numbered }) => ({ ...was, name, price, ...renumbered(was, numbered) }),
    ProductNumberAsked: (was) => was,
    ProductChangeRejected: (was) => was,
    ProductRestocked: (was, { quantity }) => ({
      ...was,
      received: was.received + quantity,
      free: was.free + quantity,
    }),
    StockWrittenOff: (was, { quantity }) => ({
      ...was,
      received: was.received - quantity,
      free: was.free - quantity,
    }),
    ProductDiscontinued: (was) => ({ ...was, discontinued: true }),
    ProductReinstated: (was) => ({ ...was, discontinued: false }),
    StockReserved: (was, { purchaseId, quantity }) => ({
      ...was,
      free: was.free - quantity,
      reserved: was.reserved + quantity,
      allocations: allocate(was, purchaseId, 'RESERVED', quantity),
    }),
    StockSettled: (was, { purchaseId, quantity }) => ({
      ...was,
      reserved: was.reserved - quantity,
      sold: was.sold + quantity,
      allocations: allocate(was, purchaseId, 'SOLD', quantity),
    }),
    StockReleased: (was, { purchaseId, quantity }) => ({
      ...was,
      reserved: was.reserved - quantity,
      free: was.free + quantity,
      allocations: allocate(was, purchaseId, 'RELEASED', quantity),
    }),
    StockTakenBack: (was, { purchaseId, quantity }) => ({
      ...was,
      sold: was.sold - quantity,
      free: was.free + quantity,
      allocations: allocate(was, purchaseId, 'TAKEN_BACK', quantity),
    }),
  },

  routes: {
    events: {
      ProductNumberAsked: ({ number, claim, change }, holder) => {
        const numberId = ownerOfNumber('products', number);
        return [ask('numbers', numberId, 'claimNumber', { numberId, kind: 'products', number, holder, claim, change })];
      },
      ProductUpdated: ({ release: held }) => release('products', held),
      ProductChangeRejected: ({ release: held }) => release('products', held),
      StockReserved: ({ purchaseId, unitPrice }, productId) => [
        ask('purchases', purchaseId, 'recordStockReserved', { purchaseId, productId, unitPrice }),
      ],
    },
    rejections: {
      reserveStock: ({ purchaseId, productId }, rejection) => [
        ask('purchases', purchaseId, 'recordStockRefused', { purchaseId, productId, refusal: rejection }),
      ],
    },
  },

  inquiries: {
    begins: { ProductNumberAsked: 'number asked for' },
    ends: {
      ProductAdded: () => ({ command: 'addProduct', step: COMPLETED }),
      ProductUpdated: () => ({ command: 'updateProduct', step: COMPLETED }),
      ProductChangeRejected: ({ command, rejection }) => ({ command, step: rejectedBy(rejection) }),
    },
  },
};
