/** Adds or changes a webhook, and shows a secret that was made for it, once. */
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useState } from 'react';
import { CopyId } from '../components/copy-id';
import { EntityForm } from '../components/entity-form';
import { Field, Toggle } from '../components/field';
import { counterfoils } from '../counterfoils/counterfoils';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import { WebhookEventTypesDocument, type WebhookFieldsFragment } from '../gql/graphql';

const SECRET_BYTES = 32;

/** As Standard Webhooks writes it. */
export function newSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))}`;
}

/** A secret that is made here, with the counterfoil of the command that has it. The server does not give it back. */
export interface Made {
  readonly key: string;
  readonly name: string;
  readonly secret: string;
}

/** Shown once it counts: a secret that was refused would make a receiver refuse all that comes. */
export function SecretOnce({
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

export function WebhookForm({ webhook, onDone }: WebhookFormProps) {
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
