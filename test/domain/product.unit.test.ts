/** The product's rules: its price, its stock, and what each purchase holds of it. */
import { describe, expect, it } from 'vitest';
import { type Message, type ProductCommands, type ProductEvents, product } from '../../domain/index.ts';
import { given } from './given.ts';

const PRODUCT = 'tea';
const PURCHASE = 'purchase-1';
const added: Message<ProductEvents> = { type: 'ProductAdded', data: { name: 'Tea', price: 450, stock: 10 } };
const discontinued: Message<ProductEvents> = { type: 'ProductDiscontinued', data: {} };
const reserved: Message<ProductEvents> = {
  type: 'StockReserved',
  data: { purchaseId: PURCHASE, quantity: 4, unitPrice: 450 },
};
const settled: Message<ProductEvents> = { type: 'StockSettled', data: { purchaseId: PURCHASE, quantity: 4 } };
const released: Message<ProductEvents> = { type: 'StockReleased', data: { purchaseId: PURCHASE, quantity: 4 } };
const takenBack: Message<ProductEvents> = { type: 'StockTakenBack', data: { purchaseId: PURCHASE, quantity: 4 } };

function add(change: Partial<ProductCommands['addProduct']> = {}): Message<ProductCommands> {
  return { type: 'addProduct', data: { productId: PRODUCT, name: 'Tea', price: 450, stock: 10, ...change } };
}
function update(change: Partial<ProductCommands['updateProduct']>): Message<ProductCommands> {
  return { type: 'updateProduct', data: { productId: PRODUCT, ...change } };
}
function restock(quantity: number, ifVersion?: number): Message<ProductCommands> {
  return { type: 'restockProduct', data: { productId: PRODUCT, quantity, ifVersion } };
}
function discontinue(ifVersion?: number): Message<ProductCommands> {
  return { type: 'discontinueProduct', data: { productId: PRODUCT, ifVersion } };
}
function writeOff(quantity: number, ifVersion?: number): Message<ProductCommands> {
  return { type: 'writeOffStock', data: { productId: PRODUCT, quantity, ifVersion } };
}
function reinstate(ifVersion?: number): Message<ProductCommands> {
  return { type: 'reinstateProduct', data: { productId: PRODUCT, ifVersion } };
}
const reinstated: Message<ProductEvents> = { type: 'ProductReinstated', data: {} };
function reserve(quantity: number, purchaseId = PURCHASE): Message<ProductCommands> {
  return { type: 'reserveStock', data: { productId: PRODUCT, purchaseId, quantity } };
}
const forPurchase = { productId: PRODUCT, purchaseId: PURCHASE };
const settle: Message<ProductCommands> = { type: 'settleStock', data: forPurchase };
const release: Message<ProductCommands> = { type: 'releaseStock', data: forPurchase };
const takeBack: Message<ProductCommands> = { type: 'takeStockBack', data: forPurchase };

describe('adding a product', () => {
  it('has all of its stock free', () => {
    const after = given(product).when(add());
    after.decides(added);
    expect(after.state).toMatchObject({
      version: 1,
      name: 'Tea',
      price: 450,
      received: 10,
      free: 10,
      reserved: 0,
      sold: 0,
    });
  });

  it('takes no stock and no price, and the largest of both', () => {
    for (const data of [
      { name: 'Tea', price: 0, stock: 0 },
      { name: 'Tea', price: 100_000_000, stock: 1_000_000_000 },
    ]) {
      given(product).when(add(data)).decides({ type: 'ProductAdded', data });
    }
  });

  it.each([
    ['id', { productId: 'a b' }],
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(201) }],
    ['price', { price: -1 }],
    ['price', { price: 100_000_001 }],
    ['stock', { stock: -1 }],
    ['stock', { stock: 1_000_000_001 }],
  ])('rejects a wrong %s: %j', (field, change) => {
    given(product).when(add(change)).rejects({ code: 'INVALID_INPUT', field });
  });

  it('rejects an id that is taken, also by a discontinued product', () => {
    given(product, added).when(add()).rejects({ code: 'ALREADY_EXISTS', field: 'id' });
    given(product, added, discontinued).when(add()).rejects({ code: 'ALREADY_EXISTS', field: 'id' });
  });
});

describe('updating a product', () => {
  it('changes what is given and keeps what is left out', () => {
    const past = given(product, added);
    past.when(update({ price: 0 })).decides({ type: 'ProductUpdated', data: { name: 'Tea', price: 0 } });
    past
      .when(update({ name: 'Green tea' }))
      .decides({ type: 'ProductUpdated', data: { name: 'Green tea', price: 450 } });
  });

  it('leaves the stock alone', () => {
    expect(given(product, added, reserved).when(update({ price: 1 })).state).toMatchObject({
      version: 3,
      price: 1,
      received: 10,
      free: 6,
      reserved: 4,
    });
  });

  it('rejects a wrong name or price, a product that is not there, or one that has moved on', () => {
    const past = given(product, added);
    past.when(update({ name: '' })).rejects({ code: 'INVALID_INPUT', field: 'name' });
    past.when(update({ price: -1 })).rejects({ code: 'INVALID_INPUT', field: 'price' });
    past.when(update({ productId: '' })).rejects({ code: 'INVALID_INPUT', field: 'productId' });
    past.when(update({ price: 1, ifVersion: 2 })).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    given(product)
      .when(update({ price: 1 }))
      .rejects({ code: 'NOT_FOUND', field: 'productId' });
  });
});

describe('restocking a product', () => {
  it('adds to what was received and to what is free', () => {
    const after = given(product, added, reserved).when(restock(5, 2));
    after.decides({ type: 'ProductRestocked', data: { quantity: 5 } });
    expect(after.state).toMatchObject({ version: 3, received: 15, free: 11, reserved: 4 });
  });

  it.each([0, -1, 1_000_000_001])('rejects the quantity %d', (quantity) => {
    given(product, added).when(restock(quantity)).rejects({ code: 'INVALID_INPUT', field: 'quantity' });
  });

  it('rejects a product that is not there, or has moved on', () => {
    given(product).when(restock(1)).rejects({ code: 'NOT_FOUND', field: 'productId' });
    given(product, added).when(restock(1, 7)).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    given(product)
      .when({ type: 'restockProduct', data: { productId: '?', quantity: 1 } })
      .rejects({ code: 'INVALID_INPUT', field: 'productId' });
  });

  const sand = { type: 'ProductAdded', data: { name: 'Sand', price: 0, stock: 0 } } as const;

  it('rejects more on hand, free and reserved, than 32 bits hold', () => {
    const billion = { type: 'ProductRestocked', data: { quantity: 1_000_000_000 } } as const;
    const held = { type: 'StockReserved', data: { purchaseId: 'p', quantity: 1_000_000, unitPrice: 0 } } as const;
    const past = given(product, sand, billion, billion, held);
    past.when(restock(1_000_000_000)).rejects({ code: 'STOCK_TOO_LARGE', field: 'quantity' });
    past.when(restock(147_483_647)).decides({ type: 'ProductRestocked', data: { quantity: 147_483_647 } });
    past.when(restock(147_483_648)).rejects({ code: 'STOCK_TOO_LARGE', field: 'quantity' });
    // What has been sold makes room.
    const settled = { type: 'StockSettled', data: { purchaseId: 'p', quantity: 1_000_000 } } as const;
    given(product, sand, billion, billion, held, settled)
      .when(restock(148_483_647))
      .decides({ type: 'ProductRestocked', data: { quantity: 148_483_647 } });
  });

  it('rejects more over all time than can be counted exactly', () => {
    const all = { purchaseId: 'p', quantity: Number.MAX_SAFE_INTEGER - 1 };
    const past = given(
      product,
      sand,
      { type: 'ProductRestocked', data: { quantity: Number.MAX_SAFE_INTEGER - 1 } },
      { type: 'StockReserved', data: { ...all, unitPrice: 0 } },
      { type: 'StockSettled', data: all },
    );
    past.when(restock(1)).decides({ type: 'ProductRestocked', data: { quantity: 1 } });
    past.when(restock(2)).rejects({ code: 'STOCK_TOO_LARGE', field: 'quantity' });
  });
});

describe('writing stock off', () => {
  it('takes away what is free, and never what is reserved or sold', () => {
    const past = given(product, added, reserved);
    const after = past.when(writeOff(6));
    after.decides({ type: 'StockWrittenOff', data: { quantity: 6 } });
    expect(after.state).toMatchObject({ received: 4, free: 0, reserved: 4, sold: 0 });
    past.when(writeOff(7)).rejects({ code: 'INSUFFICIENT_STOCK', field: 'quantity' });
    given(product, added, reserved, settled)
      .when(writeOff(7))
      .rejects({ code: 'INSUFFICIENT_STOCK', field: 'quantity' });
  });

  it('rejects no units, too many, a product that is not there, or one that has moved on', () => {
    const past = given(product, added);
    for (const quantity of [0, -1, 2_147_483_648]) {
      past.when(writeOff(quantity)).rejects({ code: 'INVALID_INPUT', field: 'quantity' });
    }
    past.when(writeOff(1, 2)).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    given(product).when(writeOff(1)).rejects({ code: 'NOT_FOUND', field: 'productId' });
  });
});

describe('reinstating a product', () => {
  it('puts it on sale again with the stock that it has, as often as it was discontinued', () => {
    const after = given(product, added, discontinued).when(reinstate(2));
    after.decides(reinstated);
    expect(after.state).toMatchObject({ version: 3, discontinued: false, free: 10 });
    given(product, added, discontinued, reinstated).when(discontinue()).decides(discontinued);
    given(product, added, discontinued, reinstated)
      .when(reserve(4))
      .decides({ ...reserved, data: { ...reserved.data, quantity: 4 } });
  });

  it('rejects one that is on sale, not there, or has moved on', () => {
    given(product, added).when(reinstate()).rejects({ code: 'NOT_DISCONTINUED', field: 'productId' });
    given(product).when(reinstate()).rejects({ code: 'NOT_FOUND', field: 'productId' });
    given(product, added, discontinued).when(reinstate(1)).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
  });
});

describe('discontinuing a product', () => {
  it('happens once', () => {
    const after = given(product, added).when(discontinue(1));
    after.decides(discontinued);
    expect(after.state).toMatchObject({ version: 2, discontinued: true, free: 10 });
    given(product, added, discontinued)
      .when(discontinue())
      .rejects({ code: 'ALREADY_DISCONTINUED', field: 'productId' });
  });

  it('rejects a product that is not there, or has moved on', () => {
    given(product).when(discontinue()).rejects({ code: 'NOT_FOUND', field: 'productId' });
    given(product, added).when(discontinue(2)).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    given(product)
      .when({ type: 'discontinueProduct', data: { productId: '' } })
      .rejects({ code: 'INVALID_INPUT', field: 'productId' });
  });

  it('lets purchases that hold stock settle, release or return it', () => {
    given(product, added, reserved, discontinued).when(settle).decides(settled);
    given(product, added, reserved, discontinued).when(release).decides(released);
    given(product, added, reserved, settled, discontinued).when(takeBack).decides(takenBack);
  });
});

describe('reserving stock', () => {
  it('moves it from free to reserved, at the price of the moment', () => {
    const after = given(product, added, { type: 'ProductUpdated', data: { name: 'Tea', price: 500 } }).when(reserve(4));
    after.decides({ type: 'StockReserved', data: { purchaseId: PURCHASE, quantity: 4, unitPrice: 500 } });
    expect(after.state).toMatchObject({ version: 3, received: 10, free: 6, reserved: 4, sold: 0 });
  });

  it('reserves the last piece, and rejects the one after it', () => {
    expect(given(product, added).when(reserve(10)).state.free).toBe(0);
    given(product, added, reserved)
      .when(reserve(7, 'purchase-2'))
      .rejects({ code: 'INSUFFICIENT_STOCK', field: 'quantity' });
  });

  it('takes effect once per purchase, whatever became of it', () => {
    given(product, added, reserved).when(reserve(4)).changesNothing();
    given(product, added, reserved, settled).when(reserve(4)).changesNothing();
    given(product, added, reserved, released).when(reserve(4)).changesNothing();
    given(product, added, reserved, settled, takenBack).when(reserve(4)).changesNothing();
    given(product, added, reserved, discontinued).when(reserve(4)).changesNothing();
  });

  it('is rejected by a product that is discontinued or not there', () => {
    given(product, added, discontinued).when(reserve(1)).rejects({ code: 'DISCONTINUED', field: 'productId' });
    given(product).when(reserve(1)).rejects({ code: 'PRODUCT_NOT_FOUND', field: 'productId' });
  });

  it.each([0, -1])('rejects the quantity %d', (quantity) => {
    given(product, added).when(reserve(quantity)).rejects({ code: 'INVALID_INPUT', field: 'quantity' });
  });
});

describe('settling, releasing and taking back stock', () => {
  it('settles what is reserved: it is sold', () => {
    const after = given(product, added, reserved).when(settle);
    after.decides(settled);
    expect(after.state).toMatchObject({ version: 3, received: 10, free: 6, reserved: 0, sold: 4 });
  });

  it('releases what is reserved: it is free again', () => {
    const after = given(product, added, reserved).when(release);
    after.decides(released);
    expect(after.state).toMatchObject({ version: 3, received: 10, free: 10, reserved: 0, sold: 0 });
  });

  it('takes back what is sold: it is free again', () => {
    const after = given(product, added, reserved, settled).when(takeBack);
    after.decides(takenBack);
    expect(after.state).toMatchObject({ version: 4, received: 10, free: 10, reserved: 0, sold: 0 });
  });

  it('settles nothing twice, and nothing that was released, returned or never reserved', () => {
    given(product, added).when(settle).changesNothing();
    given(product, added, reserved, settled).when(settle).changesNothing();
    given(product, added, reserved, released).when(settle).changesNothing();
    given(product, added, reserved, settled, takenBack).when(settle).changesNothing();
  });

  it('releases nothing twice, and nothing that was sold, returned or never reserved', () => {
    given(product, added).when(release).changesNothing();
    given(product, added, reserved, released).when(release).changesNothing();
    given(product, added, reserved, settled).when(release).changesNothing();
    given(product, added, reserved, settled, takenBack).when(release).changesNothing();
  });

  it('takes nothing back twice, and nothing that was not sold', () => {
    given(product, added).when(takeBack).changesNothing();
    given(product, added, reserved).when(takeBack).changesNothing();
    given(product, added, reserved, released).when(takeBack).changesNothing();
    given(product, added, reserved, settled, takenBack).when(takeBack).changesNothing();
  });

  it('changes nothing about a product that is not there', () => {
    for (const command of [settle, release, takeBack]) given(product).when(command).changesNothing();
  });

  it('keeps purchases apart', () => {
    const other: Message<ProductEvents> = {
      type: 'StockReserved',
      data: { purchaseId: 'purchase-2', quantity: 5, unitPrice: 450 },
    };
    expect(given(product, added, reserved, other).when(release).state).toMatchObject({ free: 5, reserved: 5, sold: 0 });
  });
});
