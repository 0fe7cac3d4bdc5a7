/** When a customer may be erased: what the gateway looks for, and in which order, so that nothing can come up in between. */
import { graphql } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { accepted } from '../domain/transaction.ts';
import { contextOf, serviceSchema } from '../gateway/index.ts';
import { CUSTOMERS, type CustomerDoc, PURCHASES, unknownCustomer, viewSpecs } from '../projectors/documents.ts';
import type { Services } from '../resolvers/context.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';

const schema = serviceSchema();
let views: ViewStore;
/** What happened, in order. */
let story: string[];
/** What the log holds and the views do not show yet. */
let behind: (() => Promise<void>)[];

beforeEach(() => {
  views = openTemporaryViews({ views: viewSpecs });
  story = [];
  behind = [];
});

async function put(view: string, doc: Doc): Promise<void> {
  await views.step([], (tx) => tx.put(view, [doc]));
}
const customer = (removed: boolean) => {
  const document: CustomerDoc = { ...unknownCustomer('c1'), version: 1, removed };
  return put(CUSTOMERS, document);
};
const purchase = (status: string) => put(PURCHASES, { _id: 'o1', customerId: 'c1', status } as Doc);

async function erase(canErase = true, isAdmin = true) {
  const at = '2026-01-01T00:00:00.000Z';
  const begun = { id: 't', command: 'eraseCustomer', aggregate: 'customers', entityId: 'c1', issuedBy: 'root', at };
  const services = {
    views,
    canErase,
    reflection: {
      enter: () => () => undefined,
      async allShown() {
        story.push('all shown');
        await behind.shift()?.();
      },
    },
    async submit() {
      story.push('written');
      return { transactionId: 't', id: 'c1', acceptedAt: at, transaction: accepted(begun) };
    },
  } as unknown as Services;
  const viewer = { id: 'root', roles: isAdmin ? ['admin'] : ['staff'], isAdmin };
  const { errors } = await graphql({
    schema,
    source: 'mutation { eraseCustomer(input: { customerId: "c1" }) { transactionId } }',
    contextValue: contextOf(services)({ viewer, traceparent: undefined, operation: {} }),
  });
  return errors?.[0];
}

describe('erasing a customer', () => {
  it('is written once the views show all that was on the log after its removal', async () => {
    await customer(true);
    await purchase('CONFIRMED');
    expect(await erase()).toBeUndefined();
    expect(story).toEqual(['all shown', 'written']);
  });

  it('is refused while a purchase is pending, also one that was approved before the removal and is shown only now', async () => {
    await customer(true);
    behind = [() => purchase('PENDING')];
    expect(await erase()).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(story).toEqual(['all shown']);
    await purchase('REJECTED');
    expect(await erase()).toBeUndefined();
  });

  it('waits for a removal that the views are behind with, and then once more for what stood on the log before it', async () => {
    await customer(false);
    behind = [() => customer(true), () => purchase('PENDING')];
    expect((await erase())?.message).toMatch(/pending/);
    expect(story).toEqual(['all shown', 'all shown']);
  });

  it('is refused of a customer that has not been removed, and of nobody', async () => {
    expect((await erase())?.message).toMatch(/has not been removed/);
    await customer(false);
    expect((await erase())?.message).toMatch(/has not been removed/);
    expect(story).not.toContain('written');
  });

  it('is refused without a master key, with the way out, and before anything is looked for', async () => {
    await customer(true);
    expect(await erase(false)).toMatchObject({ extensions: { code: 'ERASURE_OFF' } });
    expect((await erase(false))?.message).toMatch(/MASTER_KEY/);
    expect(story).toEqual([]);
  });

  it('is for admins', async () => {
    await customer(true);
    expect(await erase(true, false)).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(story).toEqual([]);
  });
});
