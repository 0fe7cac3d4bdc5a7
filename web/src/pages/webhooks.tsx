/** The webhooks: their list, the panel of one with its deliveries, and the panel that adds one. */
import { useQuery } from '@apollo/client/react';
import { useMemo, useState } from 'react';
import { Link, useLocation } from 'react-router';
import { Confirm } from '../components/confirm';
import type { Column } from '../components/data-table';
import { Deliveries } from '../components/deliveries';
import { EmptyState } from '../components/empty-state';
import { EntityPanel } from '../components/entity-panel';
import { Facts, Underway } from '../components/facts';
import { SearchField, Toggle } from '../components/field';
import { Icon } from '../components/icons';
import { ListPage, useScroller } from '../components/list-page';
import { useListParams, useTypedParam, withRemovedOf } from '../components/list-params';
import { LogBehind } from '../components/log-records';
import { Panel as Frame } from '../components/panel';
import { Badge } from '../components/status';
import { Marked, When } from '../components/values';
import { counterfoils } from '../counterfoils/counterfoils';
import { useTouched } from '../counterfoils/use-counterfoils';
import { WebhookCountsDocument, WebhookDocument, type WebhookFieldsFragment, WebhooksDocument } from '../gql/graphql';
import { useConnection } from '../graph/use-connection';
import { formatCount } from '../text/format';
import { pathIn } from '../text/paths';
import { searchWords } from '../text/search-words';
import { type Made, newSecret, SecretOnce, WebhookForm } from './webhook-form';

const webhookPath = pathIn('webhooks');

export default function Webhooks() {
  const list = useListParams(['NAME', 'ADDED_AT'], { by: 'NAME', desc: false });
  const [text, setText] = useTypedParam(list, 'q');
  const { search } = useLocation();
  const filter = withRemovedOf(list.params);
  const { text: query = '', removed } = filter;
  const scroller = useScroller();
  const webhooks = useConnection({
    document: WebhooksDocument,
    variables: { filter, sort: list.order },
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
          <Toggle
            label="Show removed"
            on={removed === null}
            onSwitch={(on) => list.set({ removed: on ? '1' : null })}
          />
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

export function New() {
  return (
    <Frame kind="New" title="Add a webhook">
      <WebhookForm />
    </Frame>
  );
}
