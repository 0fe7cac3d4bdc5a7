/** A button that asks once more, in its own place, before it does what cannot be undone. */
import { useEffect, useRef, useState } from 'react';

export interface ConfirmProps {
  readonly label: string;
  readonly question: string;
  readonly onConfirm: () => void;
}

export function Confirm({ label, question, onConfirm }: ConfirmProps) {
  const [asking, setAsking] = useState(false);
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asking) no.current?.focus();
  }, [asking]);
  if (!asking) {
    return (
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: two buttons and their question, not a set of form fields
    <div
      className="confirm"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        setAsking(false);
      }}
    >
      <p>{question}</p>
      <button
        type="button"
        className="danger solid"
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {label}
      </button>
      <button type="button" ref={no} onClick={() => setAsking(false)}>
        Keep
      </button>
    </div>
  );
}
