/** A text field that finds things while one types (the ARIA combobox pattern with a list box). */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Spinner } from './icons';

export interface ComboboxProps<T> {
  readonly label: string;
  readonly placeholder?: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly options: readonly T[];
  readonly loading: boolean;
  /** Why nothing could be found; undefined: it could. */
  readonly problem?: string | undefined;
  readonly idOf: (option: T) => string;
  readonly show: (option: T) => ReactNode;
  readonly onChoose: (option: T) => void;
}

export function Combobox<T>(props: ComboboxProps<T>) {
  const { options, onChoose } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const current = Math.min(chosen, options.length - 1);
  useEffect(() => {
    list.current?.children[current]?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const choose = (option: T | undefined) => {
    if (option === undefined) return;
    onChoose(option);
    setOpen(false);
  };
  return (
    <div className="field combobox">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && current >= 0 ? `${id}-${current}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={props.placeholder}
        value={props.text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          props.onText(event.target.value);
          setOpen(true);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            setOpen(true);
            const step = event.key === 'ArrowDown' ? 1 : -1;
            setChosen((current + step + options.length) % Math.max(1, options.length));
          } else if (event.key === 'Enter' && open) {
            event.preventDefault();
            choose(options[current]);
          } else if (event.key === 'Escape' && open) {
            event.preventDefault();
            setOpen(false);
          }
        }}
      />
      {props.loading ? <Spinner /> : null}
      <ul
        id={`${id}-list`}
        ref={list}
        role="listbox"
        aria-label={props.label}
        className="options"
        hidden={!open || options.length === 0}
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the input
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the input
          <li
            key={props.idOf(option)}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
          >
            {props.show(option)}
          </li>
        ))}
      </ul>
      <p className="options-note" role="status">
        {!open || props.loading || options.length > 0 ? '' : (props.problem ?? 'Nothing of that name.')}
      </p>
    </div>
  );
}
