/**
 * Arrow keys in a list: up and down lead from row to row, Home and End to the first and the last that is loaded, Enter opens
 * (a row's first link has the focus). Down leads from the search field into the list, up from the first row back.
 */
import { type RefObject, useEffect } from 'react';

const ROWS = 'tbody tr[aria-rowindex], [data-row]';
const LINK = 'a, button';

/** Listens to the keys within `container`, which holds one list and perhaps a search field. */
export function useListKeys(container: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const listener = (event: KeyboardEvent) => onKey(element, event);
    element.addEventListener('keydown', listener);
    return () => element.removeEventListener('keydown', listener);
  }, [container]);
}

function onKey(container: HTMLElement, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { key, target } = event;
  if (!(target instanceof HTMLElement)) return;
  const row = target.closest(ROWS);
  const inSearch = target.matches('input[type="search"]');
  // The list itself, which can be scrolled, or a row of it. Other fields have uses of their own for these keys.
  if (row === null && !inSearch && !target.matches('.table-scroll')) return;
  if (inSearch && key !== 'ArrowDown') return;
  const rows = [...container.querySelectorAll(ROWS)];
  const at = row === null ? -1 : rows.indexOf(row);
  switch (key) {
    case 'ArrowDown':
      focusRow(rows[at + 1]);
      break;
    case 'ArrowUp':
      if (at === 0 && isFirst(rows[0])) container.querySelector<HTMLElement>('input[type="search"]')?.focus();
      else focusRow(rows[at - 1]);
      break;
    case 'Home':
      jump(container, (scroller) => scroller.scrollTo({ top: 0 }), 0);
      break;
    case 'End':
      jump(container, (scroller) => scroller.scrollTo({ top: scroller.scrollHeight }), -1);
      break;
    default:
      return;
  }
  event.preventDefault();
}

/** Of the whole list: above the first row in the document there may be more, out of sight. */
const isFirst = (row: Element | undefined): boolean => (row?.getAttribute('aria-rowindex') ?? '2') === '2';

function focusRow(row: Element | undefined): void {
  row?.querySelector<HTMLElement>(LINK)?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}

/** Scrolls, waits until the rows of that place are drawn, and goes to the first or the last (-1) of them. */
function jump(container: HTMLElement, scroll: (scroller: Element) => void, index: 0 | -1): void {
  const scroller = container.querySelector('.table-scroll');
  if (scroller === null) return;
  scroll(scroller);
  requestAnimationFrame(() => requestAnimationFrame(() => focusRow([...container.querySelectorAll(ROWS)].at(index))));
}
