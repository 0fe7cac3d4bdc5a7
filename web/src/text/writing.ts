/** For which language and region the page writes, in which currency and by whose clocks: set once, before anything is shown. */

export interface Writing {
  /** BCP 47, `de-DE`; undefined: the reader's own. */
  readonly locale: string | undefined;
  /** ISO 4217, `EUR`; undefined: amounts stand without a currency. */
  readonly currency: string | undefined;
  /** IANA, `Europe/Berlin`; undefined: the reader's own. */
  readonly timeZone?: string | undefined;
}

let current: Writing = { locale: undefined, currency: undefined };

/** How everything is written from now on. */
export function setWriting(next: Writing): void {
  current = next;
}

/** Makes a formatter once for each writing: `make` is given it, and runs when it is first needed. */
export function formatter<T>(make: (writing: Writing) => T): () => T {
  let own: { readonly of: Writing; readonly it: T } | undefined;
  return () => {
    if (own?.of !== current) own = { of: current, it: make(current) };
    return own.it;
  };
}
