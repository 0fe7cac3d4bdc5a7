/** The basket of a browser: one for all its tabs, and what is put back into it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const product = (id: string) => ({ id, name: id.toUpperCase(), price: '1.50' });

/** A tab: the module anew, over the storage that all tabs share. */
async function openTab() {
  vi.resetModules();
  const { basket } = await import('../web/src/counterfoils/basket');
  return basket;
}

const linesOf = ({ lines }: { lines: readonly { productId: string; quantity: number }[] }) =>
  lines.map(({ productId, quantity }) => `${productId} ${quantity}`);

describe('the basket', () => {
  let entries: Map<string, string>;
  beforeEach(() => {
    entries = new Map();
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => entries.get(name) ?? null,
      setItem: (name: string, text: string) => void entries.set(name, text),
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('holds what was put in by any of its tabs', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.add(product('tea'));
    two.add(product('cup'));
    one.add(product('tea'));
    two.setQuantity('cup', 5);
    expect(linesOf(one.get())).toEqual(['tea 2', 'cup 1']);
    expect(linesOf(two.get())).toEqual(['tea 2', 'cup 5']);
    two.setQuantity('tea', 0);
    expect(linesOf((await openTab()).get())).toEqual(['cup 5']);
  });

  it('is taken by one tab alone', async () => {
    const [one, two] = [await openTab(), await openTab()];
    one.add(product('tea'));
    expect(linesOf({ lines: two.take() })).toEqual(['tea 1']);
    expect(one.take()).toEqual([]);
    expect(two.get().lines).toEqual([]);
  });

  it('gets lines back once, however often, with the one marked that is to blame until it is changed', async () => {
    const basket = await openTab();
    basket.add(product('tea'));
    basket.add(product('cup'));
    const goods = basket.take();
    basket.add(product('cup'));
    basket.setQuantity('cup', 9);
    for (let times = 0; times < 3; times += 1) basket.putBack(goods, 'Only 1 is left.', 'tea');
    expect(basket.get()).toEqual({
      lines: [
        { productId: 'cup', name: 'CUP', price: '1.50', quantity: 9 },
        { productId: 'tea', name: 'TEA', price: '1.50', quantity: 1, problem: 'Only 1 is left.' },
      ],
      problem: null,
    });
    basket.setQuantity('tea', 2);
    expect(basket.get().lines[1]).toEqual({ productId: 'tea', name: 'TEA', price: '1.50', quantity: 2 });
  });

  it('says why, where no line is to blame', async () => {
    const basket = await openTab();
    basket.add(product('tea'));
    basket.putBack(basket.take(), 'The customer has been removed.');
    expect(basket.get()).toMatchObject({ problem: 'The customer has been removed.', lines: [{ productId: 'tea' }] });
    expect(basket.take()[0]).not.toHaveProperty('problem');
    expect(basket.get().problem).toBeNull();
  });

  it('of an earlier page is read, and what is none is empty', async () => {
    entries.set(
      'counterfoil.basket',
      JSON.stringify([{ productId: 'tea', name: 'Tea', price: '1.50', quantity: 2 }, 7]),
    );
    expect(linesOf((await openTab()).get())).toEqual(['tea 2']);
    for (const text of ['{', '{"lines":7}', 'null', '"tea"']) {
      entries.set('counterfoil.basket', text);
      expect((await openTab()).get()).toEqual({ lines: [], problem: null });
    }
  });

  it('lives as long as the page where storage is blocked', async () => {
    const blocked = () => {
      throw new Error('SecurityError');
    };
    vi.stubGlobal('localStorage', { getItem: blocked, setItem: blocked });
    const basket = await openTab();
    basket.add(product('tea'));
    basket.add(product('tea'));
    expect(linesOf(basket.get())).toEqual(['tea 2']);
  });
});
