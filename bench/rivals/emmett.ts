/** The same products by emmett: each command reads the stream, folds it, decides and appends. Our own rules decide. */
import { CommandHandler, type Event, type EventStore } from '@event-driven-io/emmett';
import {
  decide,
  evolve,
  isRejection,
  type Message,
  type ProductCommands,
  type ProductEvents,
  product,
} from '../../domain/index.ts';

/** An event of ours in an envelope, since emmett's types want one catalogue of events per stream. */
type Stored = Event<'ProductEvent', { readonly event: Message<ProductEvents>; readonly at: string }>;

const handle = CommandHandler({
  initialState: () => product.initialState,
  evolve: (state, { data: { event, at } }: Stored) => evolve(product, state, event, at),
});

const META = { commandId: 'bench', transactionId: 'bench', issuedBy: 'bench', authority: 'admin' as const };
const AT_ONCE = 64;

/** @throws when the command is rejected */
async function give(store: EventStore, id: string, command: Message<ProductCommands>): Promise<void> {
  const at = new Date().toISOString();
  await handle(store, `product:${id}`, (state): Stored[] => {
    const outcome = decide(product, command, state, { ...META, at });
    if (isRejection(outcome)) throw new Error(outcome.message);
    return outcome.map((event) => ({ type: 'ProductEvent', data: { event, at } }));
  });
}

const idOf = (at: number) => `p${at}`;

export async function addProducts(store: EventStore, products: number): Promise<void> {
  for (let at = 0; at < products; at++) {
    const data = { productId: idOf(at), name: `Product ${at}`, price: 999, stock: 1000 };
    await give(store, idOf(at), { type: 'addProduct', data });
  }
}

/** Restocks one product after the other, several at once and never one of them twice. @returns commands in a second */
export async function restocksPerSecond(store: EventStore, commands: number, products: number): Promise<number> {
  const began = performance.now();
  const workers = Math.min(AT_ONCE, products);
  const each = async (worker: number) => {
    for (let at = worker; at < commands; at += workers) {
      // Products of its own: two commands at once on one stream would conflict, and emmett would begin one of them again.
      const id = idOf((worker + workers * Math.floor(at / workers)) % (products - (products % workers)));
      await give(store, id, { type: 'restockProduct', data: { productId: id, quantity: 1 } });
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => each(worker)));
  return commands / ((performance.now() - began) / 1000);
}
