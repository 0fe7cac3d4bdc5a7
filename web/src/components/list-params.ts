/** A list's search and sorting, kept in the address so that they can be shared and come back with "back". */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { SortState } from './data-table';
import { Typing } from './typing';

interface Sort<F extends string> {
  readonly by: F;
  readonly desc: boolean;
}

/** What an address asks for. */
export interface ListSearch<F extends string = string> {
  readonly params: URLSearchParams;
  readonly sort: Sort<F>;
  /** The same, as the API wants it. */
  readonly order: { readonly by: F; readonly direction: 'ASC' | 'DESC' };
}

export interface ListParams<F extends string = string> extends ListSearch<F> {
  /** Sets parameters; null or an empty text takes one out. */
  set(changes: Readonly<Record<string, string | null>>): void;
  setSort(sort: SortState): void;
}

/**
 * The search and sorting that these parameters hold.
 * @param fields what the list can be sorted by; another one counts as `initial`
 */
export function searchOf<F extends string>(
  params: URLSearchParams,
  fields: readonly F[],
  initial: Sort<F>,
): ListSearch<F> {
  const by = fields.find((field) => field === params.get('sort'));
  const sort = by === undefined ? initial : { by, desc: params.get('dir') === 'desc' };
  return { params, sort, order: { by: sort.by, direction: sort.desc ? 'DESC' : 'ASC' } };
}

/** The filter of a list in which what was removed is shown when one asks for it. */
export function withRemovedOf(params: URLSearchParams) {
  const text = params.get('q') ?? '';
  return { ...(text === '' ? {} : { text }), removed: params.get('removed') === '1' ? null : false };
}

/** The search and sorting in the address: see `searchOf`. */
export function useListParams<F extends string>(fields: readonly F[], initial: Sort<F>): ListParams<F> {
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
  return {
    ...searchOf(params, fields, initial),
    set,
    setSort: (next) => {
      const plain = next.by === initial.by && next.desc === initial.desc;
      set({ sort: plain ? null : next.by, dir: plain ? null : next.desc ? 'desc' : 'asc' });
    },
  };
}

/** A text parameter that follows typing: see `typing.ts`. */
export function useTypedParam({ params, set }: ListParams, name: string): readonly [string, (text: string) => void] {
  const stored = params.get(name) ?? '';
  const [text, setText] = useState(stored);
  /** On their way to the address, oldest first: the router takes its time, and what was typed since then must stay. */
  const sent = useRef<string[]>([]);
  const [typing] = useState(() => new Typing());
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
    const search = () => {
      sent.current.push(text);
      set({ [name]: text });
    };
    const delay = typing.delay();
    if (delay === 0) return search();
    const timer = setTimeout(search, delay);
    return () => clearTimeout(timer);
  }, [text, stored, name, set, typing]);
  return [text, setText];
}
