/**
 * The frame of a form that makes an entity or changes one. It sends nothing itself: `onSubmit` issues a counterfoil, and
 * the form is free again at once.
 */
import { type ReactNode, useRef, useState } from 'react';

export interface EntityFormProps {
  /** What the button says: `Add customer`, `Save`. */
  readonly submitLabel: string;
  /** Whether every field can be sent as it is. */
  readonly valid: boolean;
  /** Called with valid fields only. */
  readonly onSubmit: () => void;
  /** Why the fields, valid each by itself, were not sent. */
  readonly problem?: ReactNode;
  /** Given where an entity is changed: leaves it as it is. */
  readonly onCancel?: (() => void) | undefined;
  /** The fields. `tried` is true once sending was tried: problems are told from then on, not while one begins to type. */
  readonly children: (tried: boolean) => ReactNode;
}

export function EntityForm({ submitLabel, valid, onSubmit, onCancel, problem, children }: EntityFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState(false);
  const submit = () => {
    if (!valid) {
      setTried(true);
      // In the next frame, when the fields that have a problem are marked.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    setTried(false);
    onSubmit();
    // Ready for the next one. A form that changes an entity is closed by its owner in the same render.
    form.current?.querySelector('input')?.focus();
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
      {children(tried)}
      {problem}
      <div className="form-actions">
        <button type="submit" className="primary">
          {submitLabel}
        </button>
        {onCancel === undefined ? null : (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
