/** Adds a customer, or changes one. Sending never blocks: the form is free again at once. */
import { useRef, useState } from 'react';
import { counterfoils } from '../counterfoils/counterfoils';
import type { CustomerFieldsFragment } from '../gql/graphql';
import { Field } from '../parts/field';
import { fullName } from '../parts/format';
import { Panel } from '../parts/panel';

export interface CustomerFormProps {
  readonly customer?: CustomerFieldsFragment;
  readonly onDone?: () => void;
}

const blank = { firstName: '', lastName: '', email: '' };

export function CustomerForm({ customer, onDone }: CustomerFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState(
    customer === undefined
      ? blank
      : { firstName: customer.firstName, lastName: customer.lastName, email: customer.email ?? '' },
  );
  const [tried, setTried] = useState(false);
  // The version that was on the screen when the form opened: a change made elsewhere meanwhile is not overwritten.
  const [version] = useState(customer?.version);
  const missing = (text: string) => (tried && text.trim() === '' ? 'Needed.' : undefined);
  const badEmail = fields.email !== '' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(fields.email.trim());

  const submit = () => {
    setTried(true);
    const { firstName, lastName } = fields;
    if (firstName.trim() === '' || lastName.trim() === '' || badEmail) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    const email = fields.email.trim() === '' ? null : fields.email.trim();
    if (customer === undefined) {
      counterfoils.issue({ command: 'registerCustomer', input: { firstName, lastName, email } }, fullName(fields), []);
      setFields(blank);
      setTried(false);
      form.current?.querySelector('input')?.focus();
    } else {
      counterfoils.issue(
        {
          command: 'updateCustomer',
          input: {
            customerId: customer.id,
            ...(firstName === customer.firstName ? {} : { firstName }),
            ...(lastName === customer.lastName ? {} : { lastName }),
            ...(email === customer.email ? {} : { email }),
            ifVersion: version ?? null,
          },
        },
        fullName(customer),
        [customer.id],
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
        label="First name"
        value={fields.firstName}
        maxLength={200}
        problem={missing(fields.firstName)}
        onText={(firstName) => setFields({ ...fields, firstName })}
      />
      <Field
        label="Last name"
        value={fields.lastName}
        maxLength={200}
        problem={missing(fields.lastName)}
        onText={(lastName) => setFields({ ...fields, lastName })}
      />
      <Field
        label="E-mail"
        type="email"
        hint="May be left empty."
        value={fields.email}
        problem={tried && badEmail ? 'An address such as ada@example.com.' : undefined}
        onText={(email) => setFields({ ...fields, email })}
      />
      <div className="form-actions">
        <button type="submit" className="primary">
          {customer === undefined ? 'Add customer' : 'Save'}
        </button>
        {customer === undefined ? null : (
          <button type="button" onClick={onDone}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

export default function NewCustomer() {
  return (
    <Panel kind="New" title="Add a customer">
      <CustomerForm />
    </Panel>
  );
}
