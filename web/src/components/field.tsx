/** Labelled inputs. The label is always there; a problem stands under the input and is tied to it. */
import { type InputHTMLAttributes, useId } from 'react';
import { Icon } from './icons';
import { useLocalFirst } from './use-local-first';

export interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly onText: (text: string) => void;
}

/** A text field; other attributes of an input are passed on. */
export function Field({ label, hint, problem, onText, ...input }: FieldProps) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        autoComplete="off"
        {...input}
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onChange={(event) => onText(event.target.value)}
      />
      {note === undefined ? null : (
        <p id={`${id}-note`} className={problem === undefined ? 'hint' : 'problem'}>
          {note}
        </p>
      )}
    </div>
  );
}

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly placeholder?: string;
}

/** A search field; its label is for screen readers, the placeholder for the eye. */
export function SearchField({ label, value, onText, placeholder }: SearchFieldProps) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder ?? label}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onText(event.target.value)}
      />
    </div>
  );
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, title: string])[];
  readonly onChoose: (value: T) => void;
}

/** One of a few, side by side. */
export function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const name = useId();
  const [shown, setShown] = useLocalFirst(value);
  return (
    <fieldset className="choice">
      <legend className="sr">{label}</legend>
      {options.map(([option, title]) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            checked={option === shown}
            onChange={() => {
              setShown(option);
              onChoose(option);
            }}
          />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}

export interface ToggleProps {
  readonly label: string;
  readonly on: boolean;
  readonly onSwitch: (on: boolean) => void;
}

/** On or off. */
export function Toggle({ label, on, onSwitch }: ToggleProps) {
  const [shown, setShown] = useLocalFirst(on);
  return (
    <label className="toggle">
      <input
        type="checkbox"
        checked={shown}
        onChange={(event) => {
          setShown(event.target.checked);
          onSwitch(event.target.checked);
        }}
      />
      <span>{label}</span>
    </label>
  );
}
