/** FROM and WHERE of a search: from what its lead says, with the rows of the documents where more is asked for. */
import { allOf, type Source, type Sql } from './conditions.ts';
import type { ViewLayout } from './layout.ts';
import type { Lead } from './leads.ts';

export class Query implements Source {
  readonly #layout: ViewLayout;
  readonly #lead: Lead | undefined;
  #needsRows = false;

  constructor(layout: ViewLayout, lead: Lead | undefined) {
    this.#layout = layout;
    this.#lead = lead;
  }

  /** The number of the document. */
  get k(): string {
    return this.#lead?.index === undefined ? 'r.k' : 'i.k';
  }

  scalar(path: string): string | undefined {
    const { index, repeats } = this.#lead ?? {};
    if (index !== undefined && !repeats) {
      const at = path === '_id' ? -1 : index.fields.indexOf(path);
      if (path === '_id') return 'i.id';
      if (at > 0 || (at === 0 && !index.list)) return `i.f${at}`;
    }
    return this.#ofRow(path === '_id' ? 'id' : this.#layout.scalars.get(path));
  }

  list(path: string): string | undefined {
    return this.#ofRow(this.#layout.lists.get(path));
  }

  #ofRow(column: string | undefined): string | undefined {
    if (column === undefined) return undefined;
    this.#needsRows = true;
    return `r.${column}`;
  }

  /** To be asked last: what has been asked for before decides which tables it needs. */
  from(where: Sql): Sql {
    const { rows } = this.#layout;
    const lead = this.#lead;
    if (lead?.index === undefined) {
      const { text, params } = allOf(lead === undefined ? [where] : [lead.where, where]);
      return { text: `FROM ${rows} r WHERE ${text}`, params };
    }
    const join = this.#needsRows ? ` CROSS JOIN ${rows} r ON r.k = i.k` : '';
    if (!lead.repeats) {
      const { text, params } = allOf([lead.where, where]);
      return { text: `FROM ${lead.index.table} i${join} WHERE ${text}`, params };
    }
    const entries = `(SELECT DISTINCT i.k AS k FROM ${lead.index.table} i WHERE ${lead.where.text}) i`;
    return { text: `FROM ${entries}${join} WHERE ${where.text}`, params: [...lead.where.params, ...where.params] };
  }
}
