/** Adds a product, or changes one. Sending never blocks: the form is free again at once. */
import { useRef, useState } from 'react';
import { Field } from '../components/field';
import { Panel } from '../components/panel';
import { counterfoils } from '../counterfoils/counterfoils';
import type { ProductFieldsFragment } from '../gql/graphql';
import { formatMoney, parseMoney } from '../text/format';

export interface ProductFormProps {
  readonly product?: ProductFieldsFragment;
  readonly onDone?: () => void;
}

const blank = { name: '', price: '', stock: '0' };

export function ProductForm({ product, onDone }: ProductFormProps) {
  const form = useRef<HTMLFormElement>(null);
  // As it was when the form opened: only what the reader changed is sent.
  const [was] = useState(product);
  const [fields, setFields] = useState(was === undefined ? blank : { name: was.name, price: was.price, stock: '0' });
  const [tried, setTried] = useState(false);
  const price = parseMoney(fields.price);
  const stock = /^\d{1,10}$/.test(fields.stock.trim()) ? Number(fields.stock) : null;

  const submit = () => {
    setTried(true);
    const name = fields.name.trim();
    if (name === '' || price === null || stock === null) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    if (was === undefined) {
      counterfoils.issue(
        { command: 'addProduct', input: { name, price, stock } },
        `${name} · ${formatMoney(price)}`,
        [],
      );
      setFields(blank);
      setTried(false);
      form.current?.querySelector('input')?.focus();
    } else {
      counterfoils.issue(
        {
          command: 'updateProduct',
          // Without ifVersion: every sale moves a product's version, so it would refuse changes for no good reason.
          input: {
            productId: was.id,
            ...(name === was.name ? {} : { name }),
            ...(price === was.price ? {} : { price }),
          },
        },
        was.name,
        [was.id],
      );
    }
    onDone?.();
  };

  return (
    <form
      ref={form}
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label="Name"
        value={fields.name}
        maxLength={200}
        problem={tried && fields.name.trim() === '' ? 'Needed.' : undefined}
        onText={(name) => setFields({ ...fields, name })}
      />
      <Field
        label="Price"
        inputMode="decimal"
        value={fields.price}
        problem={tried && price === null ? 'An amount such as 12.50.' : undefined}
        onText={(next) => setFields({ ...fields, price: next })}
      />
      {was === undefined ? (
        <Field
          label="Units in stock"
          inputMode="numeric"
          value={fields.stock}
          problem={tried && stock === null ? 'A whole number, 0 or more.' : undefined}
          onText={(next) => setFields({ ...fields, stock: next })}
        />
      ) : null}
      <div className="form-actions">
        <button type="submit" className="primary">
          {was === undefined ? 'Add product' : 'Save'}
        </button>
        {was === undefined ? null : (
          <button type="button" onClick={onDone}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

export default function NewProduct() {
  return (
    <Panel kind="New" title="Add a product">
      <ProductForm />
    </Panel>
  );
}
