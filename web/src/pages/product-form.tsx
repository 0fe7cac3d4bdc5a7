/** Adds a product, or changes one. */
import { useState } from 'react';
import { EntityForm } from '../components/entity-form';
import { Field } from '../components/field';
import { NotSent } from '../components/not-sent';
import { Panel } from '../components/panel';
import { type NotSent as Reason, useIssue } from '../foresight/use-issue';
import type { ProductFieldsFragment } from '../gql/graphql';
import { formatMoney } from '../text/format';
import { parseMoney } from '../text/money';

export interface ProductFormProps {
  readonly product?: ProductFieldsFragment;
  readonly onDone?: () => void;
}

const blank = { name: '', number: '', price: '', stock: '0' };

export function ProductForm({ product, onDone }: ProductFormProps) {
  // As it was when the form opened: only what the reader changed is sent.
  const [was] = useState(product);
  const [fields, setFields] = useState(
    was === undefined ? blank : { name: was.name, number: was.number ?? '', price: was.price, stock: '0' },
  );
  const name = fields.name.trim();
  const number = fields.number.trim() === '' ? null : fields.number.trim();
  const price = parseMoney(fields.price);
  const stock = /^\d{1,10}$/.test(fields.stock.trim()) ? Number(fields.stock) : null;

  const issue = useIssue();
  const [notSent, setNotSent] = useState<Reason | null>(null);

  const send = (price: string, stock: number): Reason | null => {
    if (was === undefined || product === undefined)
      return issue(
        { command: 'addProduct', input: { name, price, stock, ...(number === null ? {} : { number }) } },
        `${name} · ${formatMoney(price)}`,
        [],
      );
    return issue(
      {
        command: 'updateProduct',
        // Without ifVersion: every sale moves a product's version, so changes would be rejected for no good reason.
        input: {
          productId: was.id,
          ...(name === was.name ? {} : { name }),
          ...(number === was.number ? {} : { number }),
          ...(price === was.price ? {} : { price }),
        },
      },
      was.name,
      [was.id],
      { shown: { products: [product] } },
    );
  };
  const submit = () => {
    if (price === null || stock === null) return;
    const reason = send(price, stock);
    setNotSent(reason);
    if (reason !== null) return;
    if (was === undefined) setFields(blank);
    onDone?.();
  };

  return (
    <EntityForm
      submitLabel={was === undefined ? 'Add product' : 'Save'}
      valid={name !== '' && price !== null && stock !== null}
      onSubmit={submit}
      onCancel={was === undefined ? undefined : onDone}
      problem={<NotSent reason={notSent} />}
    >
      {(tried) => (
        <>
          <Field
            label="Name"
            value={fields.name}
            maxLength={200}
            problem={tried && name === '' ? 'Needed.' : undefined}
            onText={(text) => setFields({ ...fields, name: text })}
          />
          <Field
            label="Number"
            hint="What the shop prints for it. May be left empty."
            value={fields.number}
            maxLength={64}
            onText={(text) => setFields({ ...fields, number: text })}
          />
          <Field
            label="Price"
            inputMode="decimal"
            value={fields.price}
            problem={tried && price === null ? 'An amount such as 12.50.' : undefined}
            onText={(text) => setFields({ ...fields, price: text })}
          />
          {was === undefined ? (
            <Field
              label="Units in stock"
              inputMode="numeric"
              value={fields.stock}
              problem={tried && stock === null ? 'A whole number, 0 or more.' : undefined}
              onText={(text) => setFields({ ...fields, stock: text })}
            />
          ) : null}
        </>
      )}
    </EntityForm>
  );
}

/** The panel in which a product is added. */
export default function NewProduct() {
  return (
    <Panel kind="New" title="Add a product">
      <ProductForm />
    </Panel>
  );
}
