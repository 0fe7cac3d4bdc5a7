/** A list's search and sorting, kept in the address so that they can be shared and come back with "back". */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { SortState } from './data-table';

/** So long after a key the search is made: less than passes between two keys of who types on. */
const TYPING_MS = 80;

export interface ListParams<F extends string = string> {
  readonly params: URLSearchParams;
  /** Sets parameters; null or an empty text takes one out. */
  set(changes: Readonly<Record<string, string | null>>): void;
  readonly sort: { readonly by: F; readonly desc: boolean };
  /** The same, as the API wants it. */
  readonly order: { readonly by: F; readonly direction: 'ASC' | 'DESC' };
  setSort(sort: SortState): void;
}

/**
 * The search and sorting in the address.
 * @param fields what the list can be sorted by; another one in the address counts as `initial`
 */
export function useListParams<F extends string>(
  fields: readonly F[],
  initial: { readonly by: F; readonly desc: boolean },
): ListParams<F> {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (changes: Readonly<Record<string, string | null>>) => {
      // From the address itself, not from what was rendered last: two fields may change before the page is drawn again.
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
      }
      setParams(next, { replace: true });
    },
    [setParams],
  );
  const by = fields.find((field) => field === params.get('sort'));
  const sort = by === undefined ? initial : { by, desc: params.get('dir') === 'desc' };
  return {
    params,
    set,
    sort,
    order: { by: sort.by, direction: sort.desc ? 'DESC' : 'ASC' },
    setSort: (next) => {
      const plain = next.by === initial.by && next.desc === initial.desc;
      set({ sort: plain ? null : next.by, dir: plain ? null : next.desc ? 'desc' : 'asc' });
    },
  };
}

/** A text parameter that follows typing with a short delay. */
export function useTypedParam({ params, set }: ListParams, name: string): readonly [string, (text: string) => void] {
  const stored = params.get(name) ?? '';
  const [text, setText] = useState(stored);
  /** On their way to the address, oldest first: the router takes its time, and what was typed since then must stay. */
  const sent = useRef<string[]>([]);
  useEffect(() => {
    const at = sent.current.indexOf(stored);
    if (at >= 0) sent.current.splice(0, at + 1);
    else {
      // The address changed by other means: a link, "back", "clear".
      sent.current = [];
      setText(stored);
    }
  }, [stored]);
  useEffect(() => {
    if (text === (sent.current.at(-1) ?? stored)) return;
    const timer = setTimeout(() => {
      sent.current.push(text);
      set({ [name]: text });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, stored, name, set]);
  return [text, setText];
}
