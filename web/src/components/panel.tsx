/** The panel beside a list that shows one of its rows. Escape closes it; focus moves in when it opens, and back after. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useHref, useLocation, useNavigate } from 'react-router';
import { Icon } from './icons';

export interface PanelProps {
  readonly title: ReactNode;
  readonly kind: string;
  readonly children: ReactNode;
  /** Beside the title: what can be done. */
  readonly actions?: ReactNode;
}

/** The list's address, with the search it had. */
function useListHref(): string {
  const { pathname, search } = useLocation();
  return `/${pathname.split('/')[1] ?? ''}${search}`;
}

export function Panel({ title, kind, children, actions }: PanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const labelled = useId();
  const navigate = useNavigate();
  const list = useListHref();
  const { pathname } = useLocation();
  const href = useHref(pathname);

  // biome-ignore lint/correctness/useExhaustiveDependencies: focus moves in again for another row in the same panel
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, [pathname]);

  const close = () => {
    void navigate(list);
    // Back to the row that was open.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`.table a[href^="${CSS.escape(href)}"]`)?.focus());
  };

  return (
    <aside
      className="panel"
      aria-labelledby={labelled}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close();
      }}
    >
      <header className="panel-head">
        <div>
          <p className="eyebrow">{kind}</p>
          <h2 id={labelled} ref={heading} tabIndex={-1}>
            {title}
          </h2>
        </div>
        <button type="button" className="icon-button" onClick={close} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      {actions === undefined ? null : <div className="panel-actions">{actions}</div>}
      <div className="panel-body">{children}</div>
    </aside>
  );
}
