/** An id with a button beside it that copies it. */
import { useEffect, useState } from 'react';
import { Icon } from './icons';

const SHOWN_MS = 1_500;

export interface CopyIdProps {
  readonly id: string;
  /** What it is the id of, for screen readers: `customer`. */
  readonly of: string;
  /** In place of its id: what of it is copied. */
  readonly what?: string;
}

export function CopyId({ id, of, what = 'id' }: CopyIdProps) {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <span className="copy-id">
      <code>{id}</code>
      <button
        type="button"
        className="icon-button"
        aria-label={`Copy the ${of}'s ${what}`}
        title="Copy"
        onClick={() => void copyText(id).then((done) => setState(done ? 'copied' : 'failed'))}
      >
        <Icon name={state === 'copied' ? 'check' : 'copy'} size={14} />
      </button>
      <span role="status" className={state === 'failed' ? 'problem small' : 'sr'}>
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Select it and copy it by hand' : ''}
      </span>
    </span>
  );
}

/** @returns false when the browser does not allow it */
async function copyText(text: string): Promise<boolean> {
  // Secure context: over plain HTTP from another machine, browsers offer no clipboard but the old command.
  if (!('clipboard' in navigator)) return copyBySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'sr';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
