/** `products.state` → the products view, and the product's name wherever purchases show it. */
import { type ProductState, product } from '../domain/index.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';
import { fold } from '../views/fold.ts';
import { wordsOf } from '../views/words.ts';
import { showRenamed } from './fan-out.ts';
import { PRODUCTS, type ProductDoc, productsView, unknownProduct } from './product-document.ts';
import { type EntityProjector, newestById } from './projector.ts';

/** A product's document with another state: what it joins from others stays. */
export function productDocument(was: ProductDoc, state: ProductState): ProductDoc {
  const { version, name, number, price, free, reserved, received, discontinued } = state;
  const text =
    was.name === name && was.number === number
      ? { nameKey: was.nameKey, words: was.words }
      : { nameKey: fold(name), words: wordsOf(name, number ?? '') };
  return { ...was, version, name, number, price, stock: free, reserved, received, discontinued, ...text };
}

export const products: EntityProjector = {
  view: productsView,
  topic: stateTopic('products'),
  async project(records, tx, unreadable) {
    const states = await newestById(records, (record) => stateOf(record, product), unreadable);
    const known = await tx.get<ProductDoc>(PRODUCTS, [...states.keys()]);
    const documents = new Map<string, ProductDoc>();
    const renamed: ProductDoc[] = [];
    for (const [id, state] of states) {
      const was = known.get(id) ?? unknownProduct(id);
      const document = productDocument(was, state);
      documents.set(id, document);
      if (was.references > 0 && was.name !== document.name) renamed.push(document);
    }
    await tx.put(PRODUCTS, [...documents.values()]);
    return await showRenamed(tx, PRODUCTS, renamed);
  },
};
