/** Adds a customer, or changes one. Sending never blocks: the form is free again at once. */
import { useRef, useState } from 'react';
import { Field } from '../components/field';
import { Panel } from '../components/panel';
import { counterfoils } from '../counterfoils/counterfoils';
import type { CustomerFieldsFragment } from '../gql/graphql';
import { fullName } from '../text/format';

export interface CustomerFormProps {
  readonly customer?: CustomerFieldsFragment;
  readonly onDone?: () => void;
}

const blank = { firstName: '', lastName: '', email: '' };

export function CustomerForm({ customer, onDone }: CustomerFormProps) {
  const form = useRef<HTMLFormElement>(null);
  // As it was when the form opened: only what the reader changed is sent, and a change made elsewhere meanwhile is
  // neither undone nor overwritten.
  const [was] = useState(customer);
  const [fields, setFields] = useState(
    was === undefined ? blank : { firstName: was.firstName, lastName: was.lastName, email: was.email ?? '' },
  );
  const [tried, setTried] = useState(false);
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
    if (was === undefined) {
      counterfoils.issue({ command: 'registerCustomer', input: { firstName, lastName, email } }, fullName(fields), []);
      setFields(blank);
      setTried(false);
      form.current?.querySelector('input')?.focus();
    } else {
      counterfoils.issue(
        {
          command: 'updateCustomer',
          input: {
            customerId: was.id,
            ...(firstName === was.firstName ? {} : { firstName }),
            ...(lastName === was.lastName ? {} : { lastName }),
            ...(email === was.email ? {} : { email }),
            ifVersion: was.version,
          },
        },
        fullName(was),
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
          {was === undefined ? 'Add customer' : 'Save'}
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

export default function NewCustomer() {
  return (
    <Panel kind="New" title="Add a customer">
      <CustomerForm />
    </Panel>
  );
}
