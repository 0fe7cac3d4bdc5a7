/**
 * What a search names exactly, beside the words in it: an id, a number that the shop prints, an e-mail address. The whole text
 * is looked up, each in an index, before the list is searched: so a list without such a match is searched by its words alone.
 */
import { asPrinted } from '../domain/index.ts';
import { CUSTOMERS, type CustomerDoc, PRODUCTS, type ProductDoc, PURCHASES } from '../projectors/documents.ts';
import { fold } from '../views/fold.ts';
import type { Doc, Filter, ViewStore } from '../views/view-store.ts';
import { MAX_TEXT } from './filters.ts';

type Views = Pick<ViewStore, 'get' | 'find'>;

/** Customers that share an e-mail address. */
const MOST_NAMED = 100;

/** The text to look up, if there is any. */
function wholeText(text: string | null | undefined): string | undefined {
  const whole = asPrinted(text ?? '');
  return whole === '' || whole.length > MAX_TEXT ? undefined : whole;
}

/** The entity with this very id. */
export async function entityNamed(
  views: Views,
  view: string,
  text: string | null | undefined,
): Promise<readonly Filter[]> {
  const id = wholeText(text);
  return id !== undefined && (await views.get(view, [id])).has(id) ? [{ _id: id }] : [];
}

/** Purchases by their own id, by their customer's id, number or e-mail, and by a product's id or number. */
export async function purchasesNamed(views: Views, text: string | null | undefined): Promise<readonly Filter[]> {
  const whole = wholeText(text);
  if (whole === undefined) return [];
  const [purchase, customers, products] = await Promise.all([
    entityNamed(views, PURCHASES, whole),
    named<CustomerDoc>(views, CUSTOMERS, whole, [{ number: whole }, { emailKey: fold(whole) }]),
    named<ProductDoc>(views, PRODUCTS, whole, [{ number: whole }]),
  ]);
  return [
    ...purchase,
    ...(customers.length === 0 ? [] : [{ customerId: { $in: customers } }]),
    ...(products.length === 0 ? [] : [{ 'lines.productId': { $in: products } }]),
  ];
}

/** The ids of what has this id, or meets one of the filters. */
async function named<D extends Doc>(
  views: Views,
  view: string,
  id: string,
  filters: readonly Filter[],
): Promise<readonly string[]> {
  const [byId, ...found] = await Promise.all([
    views.get<D>(view, [id]),
    ...filters.map((filter) => views.find<D>(view, { filter, limit: MOST_NAMED })),
  ]);
  return [...new Set([...(byId?.keys() ?? []), ...found.flat().map(({ _id }) => _id)])];
}

/** Documents that have the words, or that are named. */
export function orNamed(words: Filter | undefined, named: readonly Filter[]): Filter | undefined {
  return words === undefined || named.length === 0 ? words : { $or: [words, ...named] };
}
