/**
 * The command palette: pages, actions and entities by a few letters, opened by Ctrl or Cmd with K. A dialog with a field of
 * the ARIA combobox pattern, whose list box has a group for each kind of thing.
 */
import { useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { Icon, type IconName, iconNamed, Spinner } from '../components/icons';
import { type Found, useFound } from '../components/use-found';
import { Marked } from '../components/values';
import { useViewer } from '../graph/viewer';
import { matches, searchWords } from '../text/search-words';
import { actionsFor, type Destination, pagesFor } from './destinations';
import { helpLinks } from './help-links';

/** Characters of a text that the server searches for. */
const LONGEST = 200;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

interface Entry {
  readonly key: string;
  readonly group: string;
  readonly icon: IconName;
  readonly title: string;
  readonly detail?: string;
  /** Within the page; `href` leads out of it. */
  readonly path?: string;
  readonly href?: string;
}

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const { role } = useViewer();
  const { found, loading, error } = useFound(text);
  const navigate = useNavigate();
  const id = useId();
  const words = searchWords(text);
  const fixed = [
    ...pagesFor(role).map((page) => ofDestination('Pages', page)),
    ...actionsFor(role).map((action) => ofDestination('Actions', action)),
    ...helpLinks.map(({ href, title, icon }): Entry => ({ key: href, group: 'Help', icon, title, href })),
  ];
  const entries = [...fixed.filter(({ title }) => matches(title, text)), ...found.map(ofFound)];
  const current = Math.min(chosen, entries.length - 1);

  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  useEffect(() => {
    document.getElementById(`${id}-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [current, id]);

  const open = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    dialog.current?.close();
    if (entry.path !== undefined) void navigate(entry.path);
    else if (entry.href !== undefined) window.open(entry.href, '_blank', 'noopener');
  };
  const groups = [...new Set(entries.map(({ group }) => group))];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it, as Escape does
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Search and commands"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      <div className="palette-field">
        <Icon name="search" />
        <input
          role="combobox"
          aria-label="Search everything"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={current >= 0 ? `${id}-${current}` : undefined}
          placeholder="A page, an action, a name or an id"
          autoComplete="off"
          spellCheck={false}
          maxLength={LONGEST}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            const step = STEPS[event.key];
            if (step !== undefined) setChosen((current + step + entries.length) % Math.max(1, entries.length));
            else if (event.key === 'Enter' && !event.nativeEvent.isComposing) open(entries[current]);
            else return;
            event.preventDefault();
          }}
        />
        {loading ? <Spinner label="Searching" /> : null}
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Found" className="palette-list">
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not a set of form fields
          <div key={group} role="group" aria-label={group}>
            <p aria-hidden="true">{group}</p>
            {entries.map((entry, index) =>
              entry.group === group ? (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the field
                // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field
                <div
                  key={entry.key}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === current}
                  onPointerMove={() => setChosen(index)}
                  onClick={() => open(entry)}
                >
                  <Icon name={entry.icon} size={16} />
                  <span className="palette-title">
                    <Marked text={entry.title} words={words} />
                  </span>
                  {entry.detail === undefined ? null : <span className="faint small">{entry.detail}</span>}
                </div>
              ) : null,
            )}
          </div>
        ))}
      </div>
      <p className="palette-note faint small" role="status">
        {error !== undefined
          ? `The search failed: ${error.message}`
          : entries.length === 0
            ? loading
              ? 'Searching …'
              : 'Nothing of that name.'
            : 'Arrows to choose, Enter to open, Escape to close.'}
      </p>
    </dialog>
  );
}

const ofDestination = (group: string, { to, title, icon }: Destination): Entry => ({
  key: `${group} ${to}`,
  group,
  icon,
  title,
  path: to,
});

const ofFound = ({ kind, title, detail, path }: Found): Entry => ({
  key: path,
  group: kind,
  icon: iconNamed(kind.toLowerCase()),
  title,
  detail,
  path,
});
