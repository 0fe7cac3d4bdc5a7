/** The purchase's rules: what it asks of products and customer, and how it ends. */
import { describe, expect, it } from 'vitest';
import {
  type Message,
  type PurchaseCommands,
  type PurchaseEvents,
  purchase,
  type Rejection,
} from '../../domain/index.ts';
import { EARLIER, given, META, NOW } from './given.ts';

const PURCHASE = 'purchase-1';
const lines = [
  { productId: 'tea', quantity: 2 },
  { productId: 'cup', quantity: 1 },
];
const placing = { transactionId: 'transaction-0', issuedBy: 'bob' };
const placed: Message<PurchaseEvents> = {
  type: 'PurchasePlaced',
  data: { customerId: 'ada', lines, placedAt: EARLIER, ...placing },
};
const teaReserved: Message<PurchaseEvents> = { type: 'LineReserved', data: { productId: 'tea', unitPrice: 450 } };
const cupReserved: Message<PurchaseEvents> = { type: 'LineReserved', data: { productId: 'cup', unitPrice: 1000 } };
const approved: Message<PurchaseEvents> = { type: 'CustomerApproved', data: {} };
const confirmed: Message<PurchaseEvents> = {
  type: 'PurchaseConfirmed',
  data: { total: 1900, settle: ['tea', 'cup'] },
};
const { transactionId } = placing;
const soldOut: Rejection = { code: 'INSUFFICIENT_STOCK', message: 'only 1 of Cup is free', field: 'quantity' };
const gone: Rejection = { code: 'CUSTOMER_REMOVED', message: 'customer ada has been removed', field: 'customerId' };
const rejected: Message<PurchaseEvents> = {
  type: 'PurchaseRejected',
  data: { rejection: gone, release: ['tea', 'cup'], transactionId },
};
const cancelled: Message<PurchaseEvents> = {
  type: 'PurchaseCancelled',
  data: { release: ['tea', 'cup'], takeBack: [], transactionId },
};
const ended: readonly (readonly [string, readonly Message<PurchaseEvents>[]])[] = [
  ['confirmed', [placed, teaReserved, cupReserved, approved, confirmed]],
  ['rejected', [placed, rejected]],
  ['cancelled', [placed, cancelled]],
];

function place(change: Partial<PurchaseCommands['placePurchase']> = {}): Message<PurchaseCommands> {
  return { type: 'placePurchase', data: { purchaseId: PURCHASE, customerId: 'ada', lines, ...change } };
}
function cancel(ifVersion?: number): Message<PurchaseCommands> {
  return { type: 'cancelPurchase', data: { purchaseId: PURCHASE, ifVersion } };
}
function stockReserved(productId: string, unitPrice: number): Message<PurchaseCommands> {
  return { type: 'recordStockReserved', data: { purchaseId: PURCHASE, productId, unitPrice } };
}
function stockRefused(
  productId: string,
  rejection: PurchaseCommands['recordStockRefused']['refusal'],
): Message<PurchaseCommands> {
  return { type: 'recordStockRefused', data: { purchaseId: PURCHASE, productId, refusal: rejection } };
}
const customerApproved: Message<PurchaseCommands> = { type: 'recordCustomerApproved', data: { purchaseId: PURCHASE } };
const customerDeclined: Message<PurchaseCommands> = {
  type: 'recordCustomerDeclined',
  data: { purchaseId: PURCHASE, refusal: gone },
};
const expire: Message<PurchaseCommands> = { type: 'expirePurchase', data: { purchaseId: PURCHASE } };

describe('placing a purchase', () => {
  it('records who wants what, and the transaction it belongs to', () => {
    const after = given(purchase).when(place());
    after.decides({
      type: 'PurchasePlaced',
      data: { customerId: 'ada', lines, placedAt: NOW, transactionId: META.transactionId, issuedBy: META.issuedBy },
    });
    expect(after.state).toMatchObject({ version: 1, status: 'PENDING', total: 0, approved: false, acceptedAt: NOW });
    expect(after.state.lines).toEqual(
      lines.map((line) => ({ ...line, agreedPrice: null, discount: null, listPrice: null, unitPrice: null })),
    );
  });

  it('takes a business time in the past, and keeps the time of the log beside it', () => {
    expect(given(purchase).when(place({ placedAt: '1996-07-04T00:00:00.000Z' })).state).toMatchObject({
      placedAt: '1996-07-04T00:00:00.000Z',
      acceptedAt: NOW,
    });
  });

  it('takes a business time that is a quarter of an hour ahead of the clock of the gateway that wrote the command', () => {
    const placedAt = '2026-01-01T09:15:00.000Z';
    expect(given(purchase).when(place({ placedAt })).state).toMatchObject({ placedAt, acceptedAt: NOW });
  });

  it('rejects a business time in the future, or one that is no time', () => {
    given(purchase)
      .when(place({ placedAt: '2026-01-01T10:00:00.001Z' }))
      .rejects({ code: 'INVALID_INPUT', field: 'placedAt' });
    for (const placedAt of ['yesterday', '2025-13-01T00:00:00Z', '2025-01-01T00:00:00', '2025-01-01', '1 Jan 2025']) {
      given(purchase).when(place({ placedAt })).rejects({ code: 'INVALID_INPUT', field: 'placedAt' });
    }
  });

  it('takes 1 to 500 lines, and says so', () => {
    const most = Array.from({ length: 500 }, (_, i) => ({ productId: `p${i}`, quantity: 100_000 }));
    expect(given(purchase).when(place({ lines: most })).state.lines).toHaveLength(500);
    const oneMore = [...most, { productId: 'p500', quantity: 1 }];
    given(purchase)
      .when(place({ lines: oneMore }))
      .rejects({ code: 'INVALID_INPUT', message: 'lines must be 1 to 500, it is 501', field: 'lines' });
    given(purchase)
      .when(place({ lines: [] }))
      .rejects({ code: 'INVALID_INPUT', field: 'lines' });
  });

  it('takes as many units in all as have an exact total', () => {
    const most = Array.from({ length: 50 }, (_, i) => ({ productId: `p${i}`, quantity: 1_000_000 }));
    expect(given(purchase).when(place({ lines: most })).state.lines).toHaveLength(50);
    given(purchase)
      .when(place({ lines: [...most, { productId: 'p50', quantity: 1 }] }))
      .rejects({ code: 'INVALID_INPUT', field: 'lines' });
  });

  it('keeps the number, prices and discounts that are given', () => {
    const given1996 = [{ productId: 'tea', quantity: 3, unitPrice: 1400, discount: 1500 }];
    const after = given(purchase).when(place({ number: 'A-10248/1', lines: given1996 }));
    expect(after.state).toMatchObject({ number: 'A-10248/1' });
    expect(after.state.lines).toEqual([
      { productId: 'tea', quantity: 3, agreedPrice: 1400, discount: 1500, listPrice: null, unitPrice: null },
    ]);
  });

  it.each([
    ['number', { number: ' 10248' }],
    ['number', { number: '' }],
    ['number', { number: '10\n248' }],
    ['number', { number: 'x'.repeat(65) }],
    ['lines[0].unitPrice', { lines: [{ productId: 'tea', quantity: 1, unitPrice: -1 }] }],
    ['lines[0].discount', { lines: [{ productId: 'tea', quantity: 1, discount: 10_001 }] }],
    ['lines[0].discount', { lines: [{ productId: 'tea', quantity: 1, discount: -1 }] }],
    ['id', { purchaseId: 'a b' }],
    ['customerId', { customerId: '' }],
    ['lines[0].quantity', { lines: [{ productId: 'tea', quantity: 0 }] }],
    ['lines[1].quantity', { lines: [lines[0], { productId: 'cup', quantity: 1_000_001 }] }],
    ['lines[1].productId', { lines: [lines[0], { productId: 'a/b', quantity: 1 }] }],
    ['lines[2].productId', { lines: [...lines, { productId: 'tea', quantity: 3 }] }],
  ] as [string, Partial<PurchaseCommands['placePurchase']>][])('rejects a wrong %s', (field, change) => {
    given(purchase).when(place(change)).rejects({ code: 'INVALID_INPUT', field });
  });

  it('rejects an id that is taken', () => {
    for (const [, history] of [['pending', [placed]] as const, ...ended]) {
      given(purchase, ...history)
        .when(place())
        .rejects({ code: 'ALREADY_EXISTS', field: 'id' });
    }
  });
});

describe('the answers of products and customer', () => {
  it('captures the unit price of each line as its stock is reserved', () => {
    const after = given(purchase, placed).when(stockReserved('tea', 450));
    after.decides(teaReserved);
    expect(after.state).toMatchObject({ version: 2, status: 'PENDING', total: 900 });
    expect(after.state.lines[0]).toMatchObject({ productId: 'tea', quantity: 2, listPrice: 450, unitPrice: 450 });
    expect(after.state.lines[1]).toMatchObject({ productId: 'cup', quantity: 1, listPrice: null, unitPrice: null });
  });

  it("counts an agreed price and a discount, and keeps the product's own price beside them", () => {
    const agreed = [
      { productId: 'tea', quantity: 3, unitPrice: 1455, discount: 1500 },
      { productId: 'cup', quantity: 2, discount: 10_000 },
    ];
    const data = { customerId: 'ada', lines: agreed, placedAt: EARLIER, ...placing };
    const history: Message<PurchaseEvents>[] = [{ type: 'PurchasePlaced', data }, approved, cupReserved];
    const after = given(purchase, ...history).when(stockReserved('tea', 450));
    // 3 × 14.55 × 0.85 = 37.1025
    expect(after.state).toMatchObject({ status: 'CONFIRMED', total: 3710 });
    expect(after.state.lines).toEqual([
      { productId: 'tea', quantity: 3, agreedPrice: 1455, discount: 1500, listPrice: 450, unitPrice: 1455 },
      { productId: 'cup', quantity: 2, agreedPrice: null, discount: 10_000, listPrice: 1000, unitPrice: 1000 },
    ]);
  });

  it('stays pending while a line or the approval is missing', () => {
    expect(given(purchase, placed, teaReserved).when(customerApproved).state.status).toBe('PENDING');
    expect(given(purchase, placed, approved).when(stockReserved('tea', 450)).state.status).toBe('PENDING');
    expect(given(purchase, placed, teaReserved).when(stockReserved('cup', 1000)).state.status).toBe('PENDING');
  });

  it('is confirmed with the last answer, whichever that is, and asks for the stock to be settled', () => {
    given(purchase, placed, approved, teaReserved).when(stockReserved('cup', 1000)).decides(cupReserved, confirmed);
    given(purchase, placed, approved, cupReserved).when(stockReserved('tea', 450)).decides(teaReserved, confirmed);
    const last = given(purchase, placed, teaReserved, cupReserved).when(customerApproved);
    last.decides(approved, confirmed);
    expect(last.state).toMatchObject({ version: 5, status: 'CONFIRMED', total: 1900, confirmedAt: NOW });
  });

  it('is confirmed with free products, too', () => {
    const free = given(purchase, placed, approved, cupReserved).when(stockReserved('tea', 0));
    expect(free.state).toMatchObject({ status: 'CONFIRMED', total: 1000 });
  });

  it('counts the largest purchase exactly', () => {
    const many = Array.from({ length: 50 }, (_, i) => ({ productId: `p${i}`, quantity: 1_000_000 }));
    const history: Message<PurchaseEvents>[] = [
      { type: 'PurchasePlaced', data: { customerId: 'ada', lines: many, placedAt: EARLIER, ...placing } },
      ...many.map(
        ({ productId }): Message<PurchaseEvents> => ({
          type: 'LineReserved',
          data: { productId, unitPrice: 99_999_999 },
        }),
      ),
    ];
    const { total } = given(purchase, ...history).when(customerApproved).state;
    expect(BigInt(total)).toBe(50n * 1_000_000n * 99_999_999n);
    expect(Number.isSafeInteger(50 * 1_000_000 * 100_000_000)).toBe(true);
  });

  it('is rejected when a product rejects, naming the line, and releases every other one', () => {
    const after = given(purchase, placed, teaReserved).when(stockRefused('cup', soldOut));
    after.decides({
      type: 'PurchaseRejected',
      data: { rejection: { ...soldOut, field: 'lines[1].quantity' }, release: ['tea'], transactionId },
    });
    expect(after.state).toMatchObject({ status: 'REJECTED', rejection: { code: 'INSUFFICIENT_STOCK' } });
  });

  it('releases lines that have not answered yet, too: their stock may have been reserved meanwhile', () => {
    given(purchase, placed)
      .when(stockRefused('tea', { code: 'DISCONTINUED', message: 'no more tea' }))
      .decides({
        type: 'PurchaseRejected',
        data: {
          rejection: { code: 'DISCONTINUED', message: 'no more tea', field: 'lines[0].productId' },
          release: ['cup'],
          transactionId,
        },
      });
  });

  it('is rejected when the customer rejects it, and releases every line', () => {
    given(purchase, placed, teaReserved).when(customerDeclined).decides(rejected);
  });

  it('is rejected when the answers do not come in time, and releases every line', () => {
    const after = given(purchase, placed, teaReserved, approved).when(expire);
    expect(after.state).toMatchObject({ status: 'REJECTED', rejection: { code: 'TIMED_OUT' } });
    after.decides({
      type: 'PurchaseRejected',
      data: {
        rejection: { code: 'TIMED_OUT', message: expect.stringContaining(PURCHASE) },
        release: ['tea', 'cup'],
        transactionId,
      },
    });
  });

  it('takes each answer once', () => {
    given(purchase, placed, teaReserved).when(stockReserved('tea', 999)).changesNothing();
    given(purchase, placed, approved).when(customerApproved).changesNothing();
  });

  it('ignores the answer of a product that it did not ask, or that has answered otherwise before', () => {
    given(purchase, placed).when(stockReserved('hat', 1)).changesNothing();
    given(purchase, placed).when(stockRefused('hat', soldOut)).changesNothing();
    given(purchase, placed, teaReserved).when(stockRefused('tea', soldOut)).changesNothing();
  });

  it.each([['not there', [] as Message<PurchaseEvents>[]] as const, ...ended])(
    'changes nothing once the purchase is %s',
    (_, history) => {
      const past = given(purchase, ...history);
      const answers = [
        stockReserved('tea', 1),
        stockReserved('cup', 1),
        stockRefused('tea', soldOut),
        customerApproved,
        customerDeclined,
        expire,
      ];
      for (const answer of answers) past.when(answer).changesNothing();
    },
  );
});

describe('cancelling a purchase', () => {
  it('releases the stock of a pending one', () => {
    const after = given(purchase, placed, teaReserved).when(cancel());
    after.decides(cancelled);
    expect(after.state).toMatchObject({ status: 'CANCELLED', cancelledAt: NOW });
  });

  it('takes the stock of a confirmed one back, and keeps its total', () => {
    const after = given(purchase, placed, teaReserved, cupReserved, approved, confirmed).when(cancel(5));
    after.decides({ type: 'PurchaseCancelled', data: { release: [], takeBack: ['tea', 'cup'], transactionId } });
    expect(after.state).toMatchObject({ version: 6, status: 'CANCELLED', total: 1900, confirmedAt: EARLIER });
  });

  it('is rejected when it has ended otherwise, is not there, or has moved on', () => {
    given(purchase, placed, cancelled).when(cancel()).rejects({ code: 'NOT_CANCELLABLE', field: 'purchaseId' });
    given(purchase, placed, rejected).when(cancel()).rejects({ code: 'NOT_CANCELLABLE', field: 'purchaseId' });
    given(purchase).when(cancel()).rejects({ code: 'NOT_FOUND', field: 'purchaseId' });
    given(purchase, placed, teaReserved).when(cancel(1)).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    given(purchase)
      .when({ type: 'cancelPurchase', data: { purchaseId: '' } })
      .rejects({ code: 'INVALID_INPUT', field: 'purchaseId' });
  });
});
