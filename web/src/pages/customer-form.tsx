/** Adds a customer, or changes one. */
import { useState } from 'react';
import { EntityForm } from '../components/entity-form';
import { Field } from '../components/field';
import { NotSent } from '../components/not-sent';
import { Panel } from '../components/panel';
import { type NotSent as Reason, useIssue } from '../foresight/use-issue';
import type { CustomerFieldsFragment } from '../gql/graphql';
import { fullName } from '../text/format';

export interface CustomerFormProps {
  readonly customer?: CustomerFieldsFragment;
  readonly onDone?: () => void;
  /** The record of who fills it in: to whom it belongs is then no question. */
  readonly own?: boolean;
}

const blank = { firstName: '', lastName: '', email: '', number: '', userId: '' };

/** What is given, or null for nothing. */
const trimmed = (text: string) => (text.trim() === '' ? null : text.trim());

export function CustomerForm({ customer, onDone, own = false }: CustomerFormProps) {
  // As it was when the form opened: only what the reader changed is sent, and a change made elsewhere meanwhile is
  // neither undone nor overwritten.
  const [was] = useState(customer);
  const [fields, setFields] = useState(
    was === undefined
      ? blank
      : {
          ...{ firstName: was.firstName, lastName: was.lastName, email: was.email ?? '' },
          ...{ number: was.number ?? '', userId: was.userId ?? '' },
        },
  );
  const { firstName, lastName } = fields;
  const email = trimmed(fields.email);
  const number = trimmed(fields.number);
  const userId = trimmed(fields.userId);
  // A customer with a single-word name has none.
  const noFirstName = firstName.trim() === '' && was?.firstName !== '';
  const badEmail = fields.email !== '' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(fields.email.trim());

  const issue = useIssue();
  const [notSent, setNotSent] = useState<Reason | null>(null);

  const register = () =>
    issue(
      {
        command: 'registerCustomer',
        input: {
          ...{ firstName, lastName, email },
          ...(number === null ? {} : { number }),
          ...(userId === null ? {} : { userId }),
        },
      },
      fullName(fields),
      [],
    );
  const update = (before: CustomerFieldsFragment, now: CustomerFieldsFragment, ifVersion: number) =>
    issue(
      {
        command: 'updateCustomer',
        input: {
          customerId: before.id,
          ...(firstName === before.firstName ? {} : { firstName }),
          ...(lastName === before.lastName ? {} : { lastName }),
          ...(email === before.email ? {} : { email }),
          ...(number === before.number ? {} : { number }),
          ...(userId === before.userId ? {} : { userId }),
          ifVersion,
        },
      },
      fullName(before),
      [before.id],
      { shown: { customers: [now] } },
    );
  const end = (reason: Reason | null) => {
    setNotSent(reason);
    if (reason !== null) return;
    if (was === undefined) setFields(blank);
    onDone?.();
  };
  const submit = () => {
    // By what the page shows now: where that is newer than what the form began with, the rules tell so at once.
    if (was === undefined || customer === undefined) end(register());
    else end(update(was, customer, was.version));
  };

  return (
    <EntityForm
      submitLabel={was !== undefined || own ? 'Save' : 'Add customer'}
      valid={!noFirstName && lastName.trim() !== '' && !badEmail}
      onSubmit={submit}
      onCancel={was === undefined ? undefined : onDone}
      problem={
        <NotSent reason={notSent}>
          {notSent?.code === 'VERSION_CONFLICT' && was !== undefined && customer !== undefined ? (
            <button type="button" onClick={() => end(update(was, customer, customer.version))}>
              Make my changes to the newest version
            </button>
          ) : null}
        </NotSent>
      }
    >
      {(tried) => (
        <>
          <Field
            label="First name"
            value={firstName}
            maxLength={200}
            problem={tried && noFirstName ? 'Needed.' : undefined}
            onText={(text) => setFields({ ...fields, firstName: text })}
          />
          <Field
            label="Last name"
            value={lastName}
            maxLength={200}
            problem={tried && lastName.trim() === '' ? 'Needed.' : undefined}
            onText={(text) => setFields({ ...fields, lastName: text })}
          />
          <Field
            label="E-mail"
            type="email"
            hint="May be left empty."
            value={fields.email}
            problem={tried && badEmail ? 'An address such as ada@example.com.' : undefined}
            onText={(text) => setFields({ ...fields, email: text })}
          />
          {own ? null : (
            <>
              <Field
                label="Number"
                hint="What the shop prints for this customer. May be left empty."
                value={fields.number}
                maxLength={64}
                onText={(text) => setFields({ ...fields, number: text })}
              />
              <Field
                label="User"
                hint="Who buys as this customer: the subject of their tokens. May be left empty."
                value={fields.userId}
                maxLength={200}
                onText={(text) => setFields({ ...fields, userId: text })}
              />
            </>
          )}
        </>
      )}
    </EntityForm>
  );
}

/** The panel in which a customer is added. */
export default function NewCustomer() {
  return (
    <Panel kind="New" title="Add a customer">
      <CustomerForm />
    </Panel>
  );
}
