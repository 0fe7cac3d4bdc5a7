/** The search's fields above the purchases. Every change goes into the address at once. */
import { useState } from 'react';
import { Field, SearchField } from '../components/field';
import { CustomerFinder, ProductFinder } from '../components/finders';
import { Icon } from '../components/icons';
import { type ListParams, useTypedParam } from '../components/list-params';
import { statusTitle } from '../components/status';
import { useLocalFirst } from '../components/use-local-first';
import { codeTitle } from '../counterfoils/rejection-words';
import { CustomerDocument, ProductDocument } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { useViewer } from '../graph/viewer';
import { pageTimeZone } from '../text/days';
import { formatMinute, fullName } from '../text/format';
import { parseMoney } from '../text/money';
import { daysOf, presets } from '../text/periods';
import { dateProblem, dayOf, STATUSES, statusesIn } from './purchase-search';

const MORE = ['customer', 'product', 'from', 'to', 'min', 'max', 'reason'] as const;

export function PurchaseFilters({ list }: { readonly list: ListParams }) {
  const { params, set } = list;
  const { isStaff } = useViewer();
  const [text, setText] = useTypedParam(list, 'q');
  const [min, setMin] = useTypedParam(list, 'min');
  const [max, setMax] = useTypedParam(list, 'max');
  const used = MORE.filter((name) => params.has(name)).length;
  const [open, setOpen] = useState(false);
  const [status, setStatus] = useLocalFirst(params.get('status') ?? '');
  const chosen = statusesIn(status);
  const amountProblem = (value: string) =>
    value !== '' && parseMoney(value) === null ? 'An amount such as 100.' : undefined;

  return (
    <>
      <div className="toolbar-row">
        <SearchField
          label="Search purchases"
          placeholder="Words of customers and products"
          value={text}
          onText={setText}
        />
        <fieldset className="chips">
          <legend className="sr">Status</legend>
          {STATUSES.map((status) => (
            <label key={status}>
              <input
                type="checkbox"
                checked={chosen.includes(status)}
                onChange={(event) => {
                  const next = STATUSES.filter((one) =>
                    one === status ? event.target.checked : chosen.includes(one),
                  ).join();
                  setStatus(next);
                  set({ status: next });
                }}
              />
              <span>{statusTitle(status)}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          className="quiet"
          aria-expanded={open}
          aria-controls="more-filters"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Fewer filters' : used === 0 ? 'More filters' : `More filters · ${used}`}
        </button>
      </div>
      <div id="more-filters" className="filters" hidden={!open}>
        {isStaff ? <CustomerChoice id={params.get('customer')} onChoose={(id) => set({ customer: id })} /> : null}
        <ProductChoice id={params.get('product')} onChoose={(id) => set({ product: id })} />
        <Placed list={list} />
        <DateField label="From" list={list} name="from" />
        <DateField label="To" list={list} name="to" />
        <Field
          label="At least"
          inputMode="decimal"
          placeholder="0.00"
          value={min}
          problem={amountProblem(min)}
          onText={setMin}
        />
        <Field
          label="At most"
          inputMode="decimal"
          placeholder="any"
          value={max}
          problem={amountProblem(max)}
          onText={setMax}
        />
      </div>
      <ActiveFilters list={list} hidden={open} />
    </>
  );
}

/** A day of the address, which may name one that there is not. */
function DateField({
  label,
  list,
  name,
}: {
  readonly label: string;
  readonly list: ListParams;
  readonly name: string;
}) {
  const value = list.params.get(name);
  return (
    <Field
      label={label}
      type="date"
      value={dayOf(value)}
      problem={dateProblem(value)}
      onText={(text) => list.set({ [name]: text })}
    />
  );
}

/** Spans that are often asked for; which of them is chosen is told by the days in the address. */
function Placed({ list: { params, set } }: { readonly list: ListParams }) {
  const now = new Date();
  const given = `${params.get('from')} ${params.get('to')}`;
  const spans = presets.map(([preset, title]) => ({ preset, title, ...daysOf(preset, now, pageTimeZone()) }));
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons that fill the fields beside them
    <div className="presets" role="group" aria-label="Placed">
      {spans.map(({ preset, title, from, to }) => {
        const chosen = given === `${from} ${to}`;
        return (
          <button
            key={preset}
            type="button"
            aria-pressed={chosen}
            onClick={() => set(chosen ? { from: null, to: null } : { from, to })}
          >
            {title}
          </button>
        );
      })}
    </div>
  );
}

interface ChosenProps {
  readonly id: string | null;
  readonly onChoose: (id: string | null) => void;
}

function CustomerChoice({ id, onChoose }: ChosenProps) {
  const name = useCustomerName(id);
  return (
    <CustomerFinder
      key={`${id}${name}`}
      label="Customer"
      initial={name ?? ''}
      onChoose={(customer) => onChoose(customer.id)}
    />
  );
}

function ProductChoice({ id, onChoose }: ChosenProps) {
  const name = useProductName(id);
  return (
    <ProductFinder
      key={`${id}${name}`}
      label="Product"
      initial={name ?? ''}
      onChoose={(product) => onChoose(product.id)}
    />
  );
}

function useCustomerName(id: string | null): string | null {
  const { data } = useLiveQuery(CustomerDocument, id === null ? null : { id }, []);
  return id === null ? null : data?.customer?.id === id ? fullName(data.customer) : id;
}

function useProductName(id: string | null): string | null {
  const { data } = useLiveQuery(ProductDocument, id === null ? null : { id }, []);
  return id === null ? null : data?.product?.id === id ? data.product.name : id;
}

/** What narrows the list, each with a way to take it out. */
function ActiveFilters({ list, hidden }: { readonly list: ListParams; readonly hidden: boolean }) {
  const { params, set } = list;
  const customer = useCustomerName(params.get('customer'));
  const product = useProductName(params.get('product'));
  const from = params.get('from');
  const to = params.get('to');
  const min = params.get('min');
  const max = params.get('max');
  const reason = params.get('reason');
  const active: { readonly words: string; readonly clear: readonly string[] }[] = [];
  if (customer !== null) active.push({ words: customer, clear: ['customer'] });
  if (product !== null) active.push({ words: product, clear: ['product'] });
  if (reason !== null) active.push({ words: `rejected: ${codeTitle(reason)}`, clear: ['reason'] });
  if (from !== null || to !== null) {
    const words = [from === null ? '' : `from ${written(from)}`, to === null ? '' : `to ${written(to)}`]
      .join(' ')
      .trim();
    active.push({ words, clear: ['from', 'to'] });
  }
  if (min !== null || max !== null) {
    const words = [min === null ? '' : `at least ${min}`, max === null ? '' : `at most ${max}`]
      .filter(Boolean)
      .join(', ');
    active.push({ words, clear: ['min', 'max'] });
  }
  if (active.length === 0) return null;
  return (
    <ul className="active-filters" hidden={hidden}>
      {active.map(({ words, clear }) => (
        <li key={words}>
          <span>{words}</span>
          <button
            type="button"
            aria-label={`Remove filter: ${words}`}
            onClick={() => set(Object.fromEntries(clear.map((name) => [name, null])))}
          >
            <Icon name="close" size={12} />
          </button>
        </li>
      ))}
      <li className="clear">
        <button
          type="button"
          onClick={() =>
            set({
              q: null,
              status: null,
              customer: null,
              product: null,
              from: null,
              to: null,
              min: null,
              max: null,
              reason: null,
            })
          }
        >
          Clear all
        </button>
      </li>
    </ul>
  );
}

function written(text: string): string {
  const date = new Date(text);
  if (text.length === 10 || Number.isNaN(date.getTime())) return text;
  return formatMinute(date);
}
