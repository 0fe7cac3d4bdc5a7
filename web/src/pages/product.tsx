/** One product: price and stock, who bought it; changed, restocked and discontinued in place. */
import { useState } from 'react';
import { Confirm } from '../components/confirm';
import { CopyId } from '../components/copy-id';
import { EntityPanel } from '../components/entity-panel';
import { Maybe, NotChanged } from '../components/expected';
import { Facts, Underway } from '../components/facts';
import { Icon } from '../components/icons';
import { LogBehind } from '../components/log-records';
import { NotSent } from '../components/not-sent';
import { Panel } from '../components/panel';
import { PurchaseList } from '../components/purchase-list';
import { Money } from '../components/values';
import { useTouched } from '../counterfoils/use-counterfoils';
import { PRODUCTS, useExpected } from '../foresight/use-expected';
import { type NotSent as Reason, useIssue } from '../foresight/use-issue';
import { ProductDocument, type ProductFieldsFragment, type ProductQuery } from '../gql/graphql';
import { useViewer } from '../graph/viewer';
import { formatCount } from '../text/format';
import { ProductForm } from './product-form';
import { StockForm } from './stock-form';

const pick = (data: ProductQuery) => data.product;

export default function ProductPanel() {
  return (
    <EntityPanel kind="Product" document={ProductDocument} pick={pick}>
      {(product) => <Known product={product} />}
    </EntityPanel>
  );
}

function Known({ product }: { readonly product: ProductFieldsFragment }) {
  const [open, setOpen] = useState<'edit' | 'restock' | null>(null);
  const { isStaff } = useViewer();
  const touched = useTouched(product.id);
  const { entity: expected, is } = useExpected(PRODUCTS)(product);
  const issue = useIssue();
  const [notSent, setNotSent] = useState<Reason | null>(null);
  const number = (value: number) => <span className="num">{formatCount(value)}</span>;
  // Without ifVersion: every sale moves the version, and none of them matters to this.
  const setSale = (command: 'discontinueProduct' | 'reinstateProduct') =>
    setNotSent(
      issue({ command, input: { productId: product.id } }, product.name, [product.id], {
        shown: { products: [product] },
      }),
    );
  const toggle = (which: 'edit' | 'restock') => setOpen(open === which ? null : which);
  return (
    <Panel
      kind={product.discontinued ? 'Discontinued product' : 'Product'}
      title={<Maybe expected={is('name')}>{expected.name}</Maybe>}
      actions={
        isStaff ? (
          <>
            <button type="button" aria-pressed={open === 'edit'} onClick={() => toggle('edit')}>
              <Icon name="edit" size={16} /> Edit
            </button>
            <button type="button" aria-pressed={open === 'restock'} onClick={() => toggle('restock')}>
              <Icon name="plus" size={16} /> Stock
            </button>
            {product.discontinued ? (
              <button type="button" onClick={() => setSale('reinstateProduct')}>
                Sell again
              </button>
            ) : (
              <Confirm
                label="Discontinue"
                question={`Discontinue ${product.name}? It can not be sold until it is put on sale again.`}
                onConfirm={() => setSale('discontinueProduct')}
              />
            )}
            <Underway on={touched} />
          </>
        ) : undefined
      }
    >
      <NotSent reason={notSent} />
      <NotChanged id={product.id} />
      {is('discontinued') ? <Maybe expected>{expected.discontinued ? 'Discontinued' : 'On sale'}</Maybe> : null}
      {open === 'edit' ? <ProductForm product={product} onDone={() => setOpen(null)} /> : null}
      {open === 'restock' ? <StockForm product={product} /> : null}
      <Facts
        facts={[
          [
            'Price',
            <Maybe key="p" expected={is('price')}>
              <Money value={expected.price} />
            </Maybe>,
          ],
          [
            'Stock',
            <Maybe key="s" expected={is('stock')}>
              {number(expected.stock)}
            </Maybe>,
          ],
          ['Reserved', number(product.reserved)],
          ...(isStaff
            ? ([
                ['Sold', number(product.unitsSold ?? 0)],
                ['Revenue', <Money key="r" value={product.revenue ?? '0.00'} />],
                ['Customers', number(product.customerCount ?? 0)],
                ['Purchases', number(product.purchaseCount ?? 0)],
              ] as const)
            : []),
          ...(product.number === null ? [] : [['Number', product.number] as const]),
          ['Id', <CopyId key="i" id={product.id} of="product" />],
        ]}
      />
      {isStaff ? (
        <PurchaseList
          title="Bought by"
          filter={{ productId: product.id }}
          searchHref={`/purchases?product=${encodeURIComponent(product.id)}`}
          show="customer"
        />
      ) : null}
      <LogBehind aggregate="products" id={product.id} />
    </Panel>
  );
}
