/** How a product's stock changes: units that have come, and units that are lost or were never there. */
import { useState } from 'react';
import { Field } from '../components/field';
import { NotSent } from '../components/not-sent';
import { type NotSent as Reason, useIssue } from '../foresight/use-issue';
import type { ProductFieldsFragment } from '../gql/graphql';
import { formatCount } from '../text/format';

export function StockForm({ product }: { readonly product: ProductFieldsFragment }) {
  const [text, setText] = useState('10');
  const quantity = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
  const issue = useIssue();
  const [notSent, setNotSent] = useState<Reason | null>(null);
  const good = quantity >= 1 && quantity <= 1_000_000_000;
  const change = (command: 'restockProduct' | 'writeOffStock', sign: string) => {
    if (!good) return;
    const about = `${product.name} · ${sign}${formatCount(quantity)}`;
    const input = { productId: product.id, quantity };
    setNotSent(issue({ command, input }, about, [product.id], { shown: { products: [product] } }));
  };
  return (
    <form
      className="form row"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        change('restockProduct', '+');
      }}
    >
      <Field
        label="Units"
        inputMode="numeric"
        value={text}
        problem={good ? undefined : 'A whole number, 1 or more.'}
        onText={setText}
      />
      <button type="submit" className="primary">
        Restock
      </button>
      <button type="button" onClick={() => change('writeOffStock', '−')}>
        Write off
      </button>
      <NotSent reason={notSent} />
    </form>
  );
}
