/**
 * The purchase: PENDING → CONFIRMED → CANCELLED, or PENDING → REJECTED or CANCELLED. It knows products and customer by
 * id alone, asks them, and records what they answer; once it has ended, late answers change nothing.
 */
import { z } from 'zod';
import type { Aggregate, ProgressStep } from './aggregate.ts';
import { ask } from './follow-up.ts';
import { rejectedBy } from './progress-steps.ts';
import { askEach, claimNumber, giveNumberBack } from './purchase-asks.ts';
import { reserveLine, totalOf } from './purchase-price.ts';
import { cancel, checkLines, confirmWhenComplete, place, reject } from './purchase-rules.ts';
import { recordedRejection } from './recorded-rejection.ts';
import type { RejectionCodes } from './rejection-codes.ts';
import { SYSTEM } from './rights.ts';
import { checkId, checkNumber, checkPast, checkPrice, firstOf } from './rules.ts';
import { ADDED, openObject } from './versions.ts';

const wanted = openObject({
  productId: z.string(),
  quantity: z.int(),
  /** A price that was agreed on, minor units. Left out: the product's own. */
  unitPrice: z.int().optional(),
  /** A share of the line's price, in ten-thousandths: see `purchase-price.ts`. */
  discount: z.int().optional(),
});

/** What the shop prints for it, such as an order number. */
const number = z.string().optional();

/** The user whose purchase it is. Left out where nobody's is known. */
const userId = z.string().nullable().optional();

const commands = {
  placePurchase: z.object({
    purchaseId: z.string(),
    customerId: z.string(),
    lines: z.array(wanted),
    /** Business time, ISO 8601 UTC; default: when the command was written. */
    placedAt: z.string().optional(),
    number,
  }),
  cancelPurchase: z.object({ purchaseId: z.string(), ifVersion: z.int().min(1, 'must be at least 1').optional() }),
  /** Follow-ups: what products, the customer and the owner of the number answered. A rejection is called `refusal` in these commands on the log. */
  recordStockReserved: z.object({ purchaseId: z.string(), productId: z.string(), unitPrice: z.int() }),
  recordStockRefused: z.object({ purchaseId: z.string(), productId: z.string(), refusal: recordedRejection }),
  recordCustomerApproved: z.object({ purchaseId: z.string(), userId }),
  recordCustomerDeclined: z.object({ purchaseId: z.string(), refusal: recordedRejection }),
  recordPurchaseNumberGiven: z.object({ purchaseId: z.string() }),
  recordPurchaseNumberRefused: z.object({ purchaseId: z.string(), refusal: recordedRejection }),
  /** The deadline has passed: written by the purchases processor, decided like any other command. */
  expirePurchase: z.object({ purchaseId: z.string() }),
};

const rejected = z.object({
  rejection: recordedRejection,
  /** The products that hold stock for this purchase, or may yet: all but the one that rejected it. */
  release: z.array(z.string()),
  transactionId: z.string(),
  /** The number that it gives back. */
  number,
});

const events = {
  PurchasePlaced: z.object({
    customerId: z.string(),
    lines: z.array(wanted),
    placedAt: z.string(),
    transactionId: z.string(),
    issuedBy: z.string(),
    userId,
    number,
  }),
  /** `unitPrice` is the product's own, whatever was agreed on. */
  LineReserved: z.object({ productId: z.string(), unitPrice: z.int() }),
  CustomerApproved: z.object({ userId }),
  PurchaseNumberGiven: z.object({}),
  PurchaseConfirmed: z.object({ total: z.int(), settle: z.array(z.string()) }),
  PurchaseRejected: rejected,
  /** From PENDING (`release`) or from CONFIRMED (`takeBack`); `transactionId` is that of the placing. */
  PurchaseCancelled: z.object({
    release: z.array(z.string()),
    takeBack: z.array(z.string()),
    transactionId: z.string(),
    /** The number that it gives back. */
    number,
  }),
};

const line = openObject({
  productId: z.string(),
  quantity: z.int(),
  /** What was agreed on instead of the product's own price; null: nothing. */
  agreedPrice: z.int().nullable(),
  discount: z.int().nullable(),
  /** The product's own price when its stock was reserved; null until then. */
  listPrice: z.int().nullable(),
  /** The price that counts; null until the stock is reserved. */
  unitPrice: z.int().nullable(),
});

const state = openObject({
  version: z.int(),
  status: z.enum(['PENDING', 'CONFIRMED', 'CANCELLED', 'REJECTED']),
  customerId: z.string(),
  lines: z.array(line),
  approved: z.boolean(),
  /** Minor units; of the lines reserved so far. */
  total: z.int(),
  placedAt: z.string(),
  /** When the command was written, by the gateway's clock. For people to read: the deadline is measured on another clock. */
  acceptedAt: z.string(),
  confirmedAt: z.string().nullable(),
  cancelledAt: z.string().nullable(),
  rejection: recordedRejection.nullable(),
  /** The placing transaction, and who issued it. */
  transactionId: z.string(),
  issuedBy: z.string(),
  /** Whose it is: the customer's who placed it; of one that staff placed, the user that the customer belonged to. */
  userId: z.string().nullable(),
  number: z.string().nullable(),
  /** Whether nothing is to be waited for any more: the number has been given, or it has none. */
  numberGiven: z.boolean(),
});

export type PurchaseCommands = { [T in keyof typeof commands]: z.infer<(typeof commands)[T]> };
export type PurchaseEvents = { [T in keyof typeof events]: z.infer<(typeof events)[T]> };
export type PurchaseState = z.infer<typeof state>;

/** From before prices could be agreed on: what counted was the product's own. */
function withOwnPrice(line: unknown): unknown {
  if (typeof line !== 'object' || line === null) return line;
  return { agreedPrice: null, discount: null, listPrice: Reflect.get(line, 'unitPrice'), ...line };
}

const rejectionCodes = {
  NOT_CANCELLABLE: {
    meaning: 'The purchase has been cancelled or rejected already.',
    remedy: 'Only a pending or confirmed purchase can be cancelled.',
  },
} as const satisfies RejectionCodes;

function reserved(productId: string): ProgressStep {
  return { name: 'stock reserved', status: 'PENDING', entityId: productId };
}

const APPROVED: ProgressStep = { name: 'customer approved', status: 'PENDING' };
const NUMBERED: ProgressStep = { name: 'number given', status: 'PENDING' };

export const purchase: Aggregate<
  'purchases',
  PurchaseCommands,
  PurchaseEvents,
  PurchaseState,
  never,
  typeof rejectionCodes
> = {
  name: 'purchases',
  idField: 'purchaseId',
  commands,
  events,
  state,
  rejectionCodes,
  upcasters: {
    commands: { placePurchase: [ADDED], recordCustomerApproved: [ADDED] },
    events: {
      PurchasePlaced: [ADDED, ADDED],
      CustomerApproved: [ADDED],
      PurchaseRejected: [ADDED],
      PurchaseCancelled: [ADDED],
    },
    state: [
      ({ userId = null, ...purchase }) => ({ ...purchase, userId }),
      ({ number = null, lines, ...purchase }) => ({
        ...purchase,
        number,
        lines: Array.isArray(lines) ? lines.map(withOwnPrice) : lines,
      }),
      ({ numberGiven = true, ...purchase }) => ({ ...purchase, numberGiven }),
    ],
  },
  notPersonal: [
    ...['purchaseId', 'customerId', 'productId', 'transactionId', 'userId', 'issuedBy', 'number'],
    ...['placedAt', 'acceptedAt', 'confirmedAt', 'cancelledAt', 'release', 'takeBack', 'settle'],
    ...['code', 'message', 'field'],
  ],
  notices: [],
  initialState: {
    version: 0,
    status: 'PENDING',
    customerId: '',
    lines: [],
    approved: false,
    total: 0,
    placedAt: '',
    acceptedAt: '',
    confirmedAt: null,
    cancelledAt: null,
    rejection: null,
    transactionId: '',
    issuedBy: '',
    userId: null,
    number: null,
    numberGiven: true,
  },

  rights: {
    placePurchase: {
      least: 'customer',
      customers: 'new',
      fields: { placedAt: 'admin', number: 'staff' },
      elements: { lines: { unitPrice: 'staff', discount: 'staff' } },
    },
    cancelPurchase: { least: 'customer', customers: 'own' },
    recordStockReserved: SYSTEM,
    recordStockRefused: SYSTEM,
    recordCustomerApproved: SYSTEM,
    recordCustomerDeclined: SYSTEM,
    recordPurchaseNumberGiven: SYSTEM,
    recordPurchaseNumberRefused: SYSTEM,
    expirePurchase: SYSTEM,
  },
  ownerOf: ({ userId }) => userId,

  check: {
    placePurchase: (c, at) =>
      firstOf(
        checkId('id', c.purchaseId),
        checkId('customerId', c.customerId),
        checkLines(c.lines),
        checkPast('placedAt', c.placedAt, at),
        checkNumber('number', c.number),
      ),
    cancelPurchase: (c) => checkId('purchaseId', c.purchaseId),
    recordStockReserved: (c) => checkPrice('unitPrice', c.unitPrice),
    recordStockRefused: () => undefined,
    recordCustomerApproved: () => undefined,
    recordCustomerDeclined: () => undefined,
    recordPurchaseNumberGiven: () => undefined,
    recordPurchaseNumberRefused: () => undefined,
    expirePurchase: () => undefined,
  },

  decide: {
    placePurchase: place,
    cancelPurchase: cancel,

    recordStockReserved: ({ productId, unitPrice }, was) => {
      if (was.version === 0 || was.status !== 'PENDING') return [];
      if (!was.lines.some((line) => line.productId === productId && line.unitPrice === null)) return [];
      const lines = reserveLine(was.lines, productId, unitPrice);
      return [{ type: 'LineReserved', data: { productId, unitPrice } }, ...confirmWhenComplete({ ...was, lines })];
    },
    recordStockRefused: ({ productId, refusal: rejection }, was) => {
      if (was.version === 0 || was.status !== 'PENDING') return [];
      const index = was.lines.findIndex((line) => line.productId === productId && line.unitPrice === null);
      if (index < 0) return [];
      return reject(was, { ...rejection, field: `lines[${index}].${rejection.field ?? 'productId'}` }, productId);
    },
    recordCustomerApproved: ({ userId }, was) => {
      if (was.version === 0 || was.status !== 'PENDING' || was.approved) return [];
      const data = userId ? { userId } : {};
      return [{ type: 'CustomerApproved', data }, ...confirmWhenComplete({ ...was, approved: true })];
    },
    recordCustomerDeclined: ({ refusal: rejection }, was) =>
      was.version === 0 || was.status !== 'PENDING' ? [] : reject(was, rejection),
    recordPurchaseNumberGiven: (_, was) => {
      if (was.version === 0 || was.status !== 'PENDING' || was.numberGiven) return [];
      return [{ type: 'PurchaseNumberGiven', data: {} }, ...confirmWhenComplete({ ...was, numberGiven: true })];
    },
    recordPurchaseNumberRefused: ({ refusal: rejection }, was) =>
      was.version === 0 || was.status !== 'PENDING' || was.numberGiven
        ? []
        : reject({ ...was, number: null }, rejection),
    expirePurchase: ({ purchaseId }, was) =>
      was.version === 0 || was.status !== 'PENDING'
        ? []
        : reject(was, { code: 'TIMED_OUT', message: `purchase ${purchaseId} got no answer in time: place it again` }),
  },

  evolve: {
    PurchasePlaced: (was, { customerId, lines, placedAt, transactionId, issuedBy, userId, number }, at) => ({
      ...was,
      customerId,
      lines: lines.map(({ unitPrice: agreedPrice = null, discount = null, ...line }) => ({
        ...line,
        ...{ agreedPrice, discount, listPrice: null, unitPrice: null },
      })),
      placedAt,
      acceptedAt: at,
      transactionId,
      issuedBy,
      userId: userId ?? null,
      number: number ?? null,
      numberGiven: number === undefined,
    }),
    LineReserved: (was, { productId, unitPrice }) => {
      const lines = reserveLine(was.lines, productId, unitPrice);
      return { ...was, lines, total: totalOf(lines) };
    },
    CustomerApproved: (was, { userId }) => ({ ...was, approved: true, userId: was.userId ?? userId ?? null }),
    PurchaseNumberGiven: (was) => ({ ...was, numberGiven: true }),
    PurchaseConfirmed: (was, { total }, at) => ({ ...was, status: 'CONFIRMED', total, confirmedAt: at }),
    PurchaseRejected: (was, { rejection }) => ({ ...was, status: 'REJECTED', rejection }),
    PurchaseCancelled: (was, _, at) => ({ ...was, status: 'CANCELLED', cancelledAt: at }),
  },

  routes: {
    events: {
      PurchasePlaced: ({ customerId, lines, userId, number }, purchaseId) => [
        ...claimNumber(number, purchaseId),
        ...lines.map(({ productId, quantity }) =>
          ask('products', productId, 'reserveStock', { productId, purchaseId, quantity }),
        ),
        ask('customers', customerId, 'approvePurchase', { customerId, purchaseId, ...(userId ? { userId } : {}) }),
      ],
      PurchaseConfirmed: ({ settle }, purchaseId) => askEach('settleStock', settle, purchaseId),
      // Order: in the product's partition the release stands behind the reservation. So a product that has not answered yet
      // reserves first and releases then.
      PurchaseRejected: ({ release, number }, purchaseId) => [
        ...askEach('releaseStock', release, purchaseId),
        ...giveNumberBack(number, purchaseId),
      ],
      PurchaseCancelled: ({ release, takeBack, number }, purchaseId) => [
        ...giveNumberBack(number, purchaseId),
        ...askEach('releaseStock', release, purchaseId),
        ...askEach('takeStockBack', takeBack, purchaseId),
      ],
    },
    rejections: {},
  },

  progress: {
    begins: { PurchasePlaced: 'placed' },
    transaction: ({ transactionId: id, issuedBy, acceptedAt }) =>
      id === '' ? undefined : { id, command: 'placePurchase', issuedBy, acceptedAt },
    pending: ({ version, status }) => version > 0 && status === 'PENDING',
    steps: {
      LineReserved: ({ productId }) => reserved(productId),
      CustomerApproved: () => APPROVED,
      PurchaseNumberGiven: () => NUMBERED,
      PurchaseConfirmed: () => ({ name: 'confirmed', status: 'COMPLETED' }),
      PurchaseRejected: ({ rejection }) => rejectedBy(rejection),
      PurchaseCancelled: () => ({
        name: 'cancelled',
        status: 'REJECTED',
        rejection: { code: 'CANCELLED', message: 'the purchase was cancelled before it was confirmed' },
      }),
    },
    soFar: ({ lines, approved, number, numberGiven }) => [
      { name: 'placed', status: 'PENDING' },
      ...lines.filter(({ unitPrice }) => unitPrice !== null).map(({ productId }) => reserved(productId)),
      ...(approved ? [APPROVED] : []),
      ...(numberGiven && number !== null ? [NUMBERED] : []),
    ],
    deadline: {
      afterMs: 15 * 60 * 1000,
      command: (purchaseId) => ({ type: 'expirePurchase', data: { purchaseId } }),
    },
  },
};
