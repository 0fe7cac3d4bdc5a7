/** What the server tells the page of its settings, in `index.html`: see `gateway/page-index.ts`. */

function told(name: string): string | undefined {
  if (typeof document === 'undefined') return undefined;
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || undefined;
}

/** Of the server; undefined: not set there. */
export const settings = {
  /** ISO 4217, `EUR`: of all amounts. */
  currency: told('currency'),
  /** BCP 47, `de-DE`; undefined: the reader's own. */
  locale: told('locale'),
  /** IANA, `Europe/Berlin`; undefined: the reader's own. */
  timeZone: told('time-zone'),
  /** Whether a browser that opens the API is shown GraphiQL. */
  graphiql: told('graphiql') === 'on',
} as const;
