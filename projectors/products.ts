/** `products.state` → the products view, and the product's name wherever purchases show it. */
import { type ProductState, product } from '../domain/index.ts';
import { stateTopic } from '../log/topics.ts';
import { PRODUCTS, type ProductDoc, PURCHASES, type PurchaseDoc, unknownProduct } from '../views/documents.ts';
import { fold, wordsOf } from '../views/words.ts';
import { eachMatching, newestById, type Projector } from './projector.ts';
import { wordsOfPurchase } from './purchase-document.ts';

function documentOf(was: ProductDoc, state: ProductState): ProductDoc {
  const { version, name, price, free, reserved, discontinued } = state;
  const text =
    was.name === name ? { nameKey: was.nameKey, words: was.words } : { nameKey: fold(name), words: wordsOf(name) };
  return { ...was, version, name, price, stock: free, reserved, discontinued, ...text };
}

export const products: Projector = {
  topic: stateTopic('products'),
  async project(records, tx, unreadable) {
    const states = newestById(records, product.state, unreadable);
    const known = await tx.get<ProductDoc>(PRODUCTS, [...states.keys()]);
    const documents = new Map<string, ProductDoc>();
    const renamed = new Map<string, string>();
    for (const [id, state] of states) {
      const was = known.get(id) ?? unknownProduct(id);
      documents.set(id, documentOf(was, state));
      if (was.references > 0 && was.name !== state.name) renamed.set(id, state.name);
    }
    await tx.put(PRODUCTS, [...documents.values()]);
    if (renamed.size === 0) return;
    const shown = eachMatching<PurchaseDoc>(tx, PURCHASES, { 'lines.productId': { $in: [...renamed.keys()] } });
    for await (const purchases of shown) {
      await tx.put(
        PURCHASES,
        purchases.map((purchase) =>
          wordsOfPurchase({
            ...purchase,
            lines: purchase.lines.map((line) => ({
              ...line,
              productName: renamed.get(line.productId) ?? line.productName,
            })),
          }),
        ),
      );
    }
  },
};
