import { asPrinted } from '../domain/index.ts';

/** A number that the shop prints, in the form in which it is kept. Null takes it away; left out, it stays out of the command. */
export function numberOf(text: string | null | undefined): { readonly number?: string | null } {
  return text === undefined ? {} : { number: text === null ? null : asPrinted(text) };
}

/** Input fields that were left out, or given as null, stay out of the command. */
export function optional<K extends string, V>(name: K, value: V | null | undefined): { readonly [N in K]?: V } {
  return value === null || value === undefined ? {} : ({ [name]: value } as { readonly [N in K]?: V });
}
