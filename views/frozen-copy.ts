/** A document as it is stored: a copy that nobody can change, so that it can be handed out without copying it again. */
import type { Doc } from './view-store.ts';

/** Copies plain JSON; undefined fields are left out, as MongoDB's driver does with `ignoreUndefined`. */
export function frozenCopy<D extends Doc>(doc: D): D {
  return copyOf(doc) as D;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((element) => copyOf(element ?? null)));
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) copy[name] = copyOf(field);
  }
  return Object.freeze(copy);
}
