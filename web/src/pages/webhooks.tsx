/** The webhooks: their list, the panel of one with its deliveries, and the panel that adds one. */
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useLocation } from 'react-router';
import { Confirm } from '../components/confirm';
import { CopyId } from '../components/copy-id';
import type { Column } from '../components/data-table';
import { Deliveries } from '../components/deliveries';
import { EmptyState } from '../components/empty-state';
import { EntityForm } from '../components/entity-form';
import { EntityPanel } from '../components/entity-panel';
import { Facts, Underway } from '../components/facts';
import { Field, SearchField, Toggle } from '../components/field';
import { Icon } from '../components/icons';
import { ListPage, useScroller } from '../components/list-page';
import { useListParams, useTypedParam } from '../components/list-params';
import { LogBehind } from '../components/log-records';
import { Panel as Frame } from '../components/panel';
import { Badge } from '../components/status';
import { Marked, When } from '../components/values';
import { counterfoils } from '../counterfoils/counterfoils';
import { useCounterfoils, useTouched } from '../counterfoils/use-counterfoils';
import {
  WebhookCountsDocument,
  WebhookDocument,
  WebhookEventTypesDocument,
  type WebhookFieldsFragment,
  WebhooksDocument,
} from '../gql/graphql';
import { useConnection } from '../graph/use-connection';
import { formatCount } from '../text/format';
import { pathIn } from '../text/paths';
import { searchWords } from '../text/search-words';

const webhookPath = pathIn('webhooks');

export default function Webhooks() {
  const list = useListParams(['NAME', 'ADDED_AT'], { by: 'NAME', desc: false });
  const [text, setText] = useTypedParam(list, 'q');
  const { search } = useLocation();
  const query = list.params.get('q') ?? '';
  const withRemoved = list.params.get('removed') === '1';
  const scroller = useScroller();
  const webhooks = useConnection({
    document: WebhooksDocument,
    variables: {
      filter: { ...(query === '' ? {} : { text: query }), removed: withRemoved ? null : false },
      sort: list.order,
    },
    pick: (data) => data.webhooks,
    kinds: ['Webhook'],
    busy: scroller.busy,
  });
  const counts = useCounts();
  const columns = useMemo<Column<WebhookFieldsFragment>[]>(() => {
    const words = searchWords(query);
    return [
      {
        id: 'NAME',
        title: 'Name',
        sortable: true,
        cell: (webhook) => (
          <span className="two-lines">
            <Link to={webhookPath(webhook.id) + search}>
              <Marked text={webhook.name} words={words} />
            </Link>
            <span className="second">
              {webhook.removed ? <Badge tone="off">Removed</Badge> : null}
              {webhook.enabled || webhook.removed ? null : <Badge tone="off">Paused</Badge>} {webhook.url}
            </span>
          </span>
        ),
      },
      {
        id: 'OPEN',
        title: 'Not delivered',
        right: true,
        width: '11rem',
        cell: ({ id }) => <NotDelivered {...counts.get(id)} />,
      },
      {
        id: 'ADDED_AT',
        title: 'Added',
        sortable: true,
        right: true,
        width: '10rem',
        from: 'medium',
        cell: (webhook) => <When at={webhook.addedAt} />,
      },
    ];
  }, [query, search, counts]);

  return (
    <ListPage
      title="Webhooks"
      noun="webhook"
      list={webhooks}
      columns={columns}
      sort={list.sort}
      onSort={list.setSort}
      scroller={scroller}
      path={(webhook) => webhookPath(webhook.id)}
      dimmed={(webhook) => webhook.removed}
      filtered={query !== ''}
      actions={
        <Link className="button primary" to={`/webhooks/new${search}`}>
          <Icon name="plus" size={16} /> Add webhook
        </Link>
      }
      toolbar={
        <>
          <SearchField label="Search webhooks" placeholder="Name" value={text} onText={setText} />
          <Toggle label="Show removed" on={withRemoved} onSwitch={(on) => list.set({ removed: on ? '1' : null })} />
        </>
      }
      empty={
        <EmptyState title="No webhooks yet">
          <p>A webhook is sent events as they happen, signed. Add the first one.</p>
        </EmptyState>
      }
    />
  );
}

const COUNT_EVERY_MS = 5_000;

interface Counts {
  readonly pendingCount: number;
  readonly failedCount: number;
}

/** How many deliveries of each webhook have not arrived. They change without the webhook, and so are asked for beside it. */
function useCounts(): ReadonlyMap<string, Counts> {
  const { data } = useQuery(WebhookCountsDocument, {
    fetchPolicy: 'no-cache',
    pollInterval: COUNT_EVERY_MS,
    skipPollAttempt: () => document.hidden,
  });
  return useMemo(() => new Map(data?.webhooks.edges.map(({ node }) => [node.id, node])), [data]);
}

function NotDelivered({ pendingCount = 0, failedCount = 0 }: Partial<Counts>) {
  if (pendingCount + failedCount === 0) return <span className="faint">–</span>;
  return (
    <>
      {failedCount === 0 ? null : <Badge tone="bad">{`${formatCount(failedCount)} failed`}</Badge>}{' '}
      {pendingCount === 0 ? null : <Badge tone="wait">{`${formatCount(pendingCount)} pending`}</Badge>}
    </>
  );
}

export function Panel() {
  return (
    <EntityPanel kind="Webhook" document={WebhookDocument} pick={(data) => data.webhook}>
      {(webhook) => <Known webhook={webhook} />}
    </EntityPanel>
  );
}

function Known({ webhook }: { readonly webhook: WebhookFieldsFragment }) {
  const [editing, setEditing] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const touched = useTouched(webhook.id);
  const { id, name, version, removed, enabled, types, rotatedAt } = webhook;
  const rotate = () => {
    const another = newSecret();
    const input = { webhookId: id, secret: another, ifVersion: version };
    const { key } = counterfoils.issue({ command: 'rotateWebhookSecret', input }, name, [id]);
    setMade({ key, name, secret: another });
  };
  return (
    <Frame
      kind={removed ? 'Removed webhook' : enabled ? 'Webhook' : 'Paused webhook'}
      title={name}
      actions={
        removed ? undefined : (
          <>
            <button type="button" aria-pressed={editing} onClick={() => setEditing(!editing)}>
              <Icon name="edit" size={16} /> Edit
            </button>
            <button
              type="button"
              onClick={() => {
                const input = { webhookId: id, enabled: !enabled, ifVersion: version };
                counterfoils.issue({ command: 'updateWebhook', input }, name, [id]);
              }}
            >
              {enabled ? 'Pause' : 'Go on'}
            </button>
            <button type="button" onClick={rotate}>
              New secret
            </button>
            <Confirm
              label="Remove"
              question={`Remove ${name}, and never send what is open?`}
              onConfirm={() =>
                counterfoils.issue({ command: 'removeWebhook', input: { webhookId: id, ifVersion: version } }, name, [
                  id,
                ])
              }
            />
            <Underway on={touched} />
          </>
        )
      }
    >
      {made === null ? null : <SecretOnce key={made.key} made={made} />}
      {editing && !removed ? <WebhookForm webhook={webhook} onDone={() => setEditing(false)} /> : null}
      <Facts
        facts={[
          ['URL', <code key="u">{webhook.url}</code>],
          ['Events', types.length === 0 ? 'All' : types.join(', ')],
          ['Secret', <code key="s">{webhook.fingerprint}…</code>],
          ...(rotatedAt === null ? [] : [['New secret', <When key="r" at={rotatedAt} />] as const]),
          ['Added', <When key="a" at={webhook.addedAt} />],
          ['Id', <code key="i">{id}</code>],
        ]}
      />
      <Deliveries webhookId={id} />
      <LogBehind aggregate="webhooks" id={id} />
    </Frame>
  );
}

const SECRET_BYTES = 32;

/** As Standard Webhooks writes it. */
function newSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))}`;
}

/** A secret that is made here, with the counterfoil of the command that has it. The server does not give it back. */
interface Made {
  readonly key: string;
  readonly name: string;
  readonly secret: string;
}

/** Shown once it counts: a secret that was refused would make a receiver refuse all that comes. */
function SecretOnce({
  made: { key, name, secret },
  onCounts,
}: {
  readonly made: Made;
  readonly onCounts?: () => void;
}) {
  const state = useCounterfoils().all.find((item) => item.key === key)?.state;
  const [counts, setCounts] = useState(false);
  useEffect(() => {
    if (state !== 'completed' || counts) return;
    setCounts(true);
    onCounts?.();
  }, [state, counts, onCounts]);
  if (!counts) return null;
  return (
    <div className="notice" role="status">
      <p>The secret of {name}. Keep it now: it is not shown again.</p>
      <CopyId id={secret} of="webhook" what="secret" />
    </div>
  );
}

interface WebhookFormProps {
  readonly webhook?: WebhookFieldsFragment;
  readonly onDone?: () => void;
}

function WebhookForm({ webhook, onDone }: WebhookFormProps) {
  // As it was when the form opened: a change made elsewhere meanwhile is not overwritten.
  const [was] = useState(webhook);
  const [name, setName] = useState(was?.name ?? '');
  const [url, setUrl] = useState(was?.url ?? '');
  const [types, setTypes] = useState<readonly string[]>(was?.types ?? []);
  const [added, setAdded] = useState<Made | null>(null);
  // What was refused stays, to be corrected.
  const empty = useCallback(() => {
    setName('');
    setUrl('');
  }, []);
  const fields = { name: name.trim(), url: url.trim(), types: [...types] };
  const isUrl = /^https?:\/\/[^\s/?#@]/i.test(fields.url);

  const submit = () => {
    if (was === undefined) {
      const secret = newSecret();
      const { key } = counterfoils.issue({ command: 'addWebhook', input: { ...fields, secret } }, fields.name, []);
      setAdded({ key, name: fields.name, secret });
    } else {
      const input = { webhookId: was.id, ...fields, ifVersion: was.version };
      counterfoils.issue({ command: 'updateWebhook', input }, was.name, [was.id]);
    }
    onDone?.();
  };

  return (
    <>
      {added === null ? null : <SecretOnce key={added.key} made={added} onCounts={empty} />}
      <EntityForm
        submitLabel={was === undefined ? 'Add webhook' : 'Save'}
        valid={fields.name !== '' && isUrl}
        onSubmit={submit}
        onCancel={was === undefined ? undefined : onDone}
      >
        {(tried) => (
          <>
            <Field
              label="Name"
              value={name}
              maxLength={200}
              problem={tried && fields.name === '' ? 'Needed.' : undefined}
              onText={setName}
            />
            <Field
              label="URL"
              type="url"
              value={url}
              maxLength={2000}
              hint="Events are sent here by POST."
              problem={tried && !isUrl ? 'An address that begins with https:// or http://.' : undefined}
              onText={setUrl}
            />
            <EventTypes chosen={types} onChoose={setTypes} />
          </>
        )}
      </EntityForm>
    </>
  );
}

interface EventTypesProps {
  readonly chosen: readonly string[];
  readonly onChoose: (types: readonly string[]) => void;
}

function EventTypes({ chosen, onChoose }: EventTypesProps) {
  const { data } = useQuery(WebhookEventTypesDocument);
  return (
    <fieldset className="event-types">
      <legend>{chosen.length === 0 ? 'Events: all, unless some are chosen' : 'Events'}</legend>
      {data?.webhookEventTypes.map((type) => (
        <Toggle
          key={type}
          label={type}
          on={chosen.includes(type)}
          onSwitch={(on) => onChoose(on ? [...chosen, type] : chosen.filter((each) => each !== type))}
        />
      ))}
    </fieldset>
  );
}

export function New() {
  return (
    <Frame kind="New" title="Add a webhook">
      <WebhookForm />
    </Frame>
  );
}
