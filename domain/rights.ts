/**
 * Who may give which command. Each aggregate's definition holds a rule for each of its commands; the one function that
 * applies them, `mayNotGive`, is asked by the gateway before a command is written and by `decide` when it is decided, so
 * that a command which came to the log another way is rejected too. How it looks to people: docs/rights.md.
 */
import type { Rejection } from './aggregate.ts';

/** In order: each role may do all that the roles before it may. A visitor has not signed in; a customer is anyone who has. */
export const ROLES = ['visitor', 'customer', 'staff', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * On what authority a command stands on the log. `system`: a processor wrote it, as a follow-up or a deadline. `legacy`:
 * it is from before roles were recorded, when everyone who had signed in might give every command.
 */
export type Authority = Role | 'system' | 'legacy';

/** Who gives a command. */
export interface Issuer {
  readonly userId: string;
  readonly authority: Authority;
}

/** The rule for one command. `D` is its data. */
export interface CommandRight<D> {
  /** The least role that may give it. */
  readonly least: Exclude<Role, 'visitor'> | 'system';
  /**
   * Where customers may give it. `own`: for an entity that is theirs; any other does not exist for them. `new`: it brings
   * about an entity that will be theirs.
   */
  readonly customers?: 'own' | 'new';
  /** Whether the id of an entity that a customer creates is the one that its own must have. Default: any id. */
  readonly namedAsOwn?: (command: D, userId: string) => boolean;
  /** Fields of the command that ask for a higher role, when they are given. */
  readonly fields?: { readonly [F in keyof D]?: Role };
  /** The same of the fields of a list's elements. */
  readonly elements?: {
    readonly [F in keyof D]?: D[F] extends readonly (infer E)[] ? { readonly [K in keyof E]?: Role } : never;
  };
}

/** Follow-ups and deadlines: the processors alone. */
export const SYSTEM = { least: 'system' } as const;
export const STAFF = { least: 'staff' } as const;

/** Who has at least this role, in words. */
export const WHO: Readonly<Record<Role | 'system', string>> = {
  visitor: 'everyone',
  customer: 'who has signed in',
  staff: 'staff and admins',
  admin: 'admins',
  system: 'the system itself',
};

/** The highest of the roles that are named; other words say nothing. Undefined without any. */
export function highestOf(named: readonly string[]): Role | undefined {
  return ROLES.findLast((role) => named.includes(role));
}

export function atLeast(authority: Authority, least: Role | 'system'): boolean {
  if (authority === 'legacy') return true;
  if (authority === 'system' || least === 'system') return authority === least;
  return ROLES.indexOf(authority) >= ROLES.indexOf(least);
}

/** The rejection for an issuer without the right to the command. It names no entity, so it does not tell whether one exists. */
export function mayNotGive<D>(
  name: string,
  right: CommandRight<D>,
  command: D,
  { userId, authority }: Issuer,
): Rejection | undefined {
  if (!atLeast(authority, right.least)) return forbidden(name, right.least);
  for (const [field, least] of Object.entries<Role | undefined>(right.fields ?? {})) {
    const given = Reflect.get(Object(command), field) !== undefined;
    if (given && least !== undefined && !atLeast(authority, least)) return forbidden(field, least, field);
  }
  for (const [list, fields] of Object.entries<Readonly<Record<string, Role>> | undefined>(right.elements ?? {})) {
    const rejection = mayNotGiveElements(list, fields ?? {}, Reflect.get(Object(command), list), authority);
    if (rejection) return rejection;
  }
  if (right.namedAsOwn !== undefined && !atLeast(authority, 'staff') && !right.namedAsOwn(command, userId)) {
    return forbidden('an id of your own choice', 'staff', 'id');
  }
  return undefined;
}

function mayNotGiveElements(
  list: string,
  fields: Readonly<Record<string, Role>>,
  elements: unknown,
  authority: Authority,
): Rejection | undefined {
  if (!Array.isArray(elements)) return undefined;
  for (const [field, least] of Object.entries(fields)) {
    if (atLeast(authority, least)) continue;
    const index = elements.findIndex((element: unknown) => Reflect.get(Object(element), field) !== undefined);
    if (index >= 0) return forbidden(`${list}.${field}`, least, `${list}[${index}].${field}`);
  }
  return undefined;
}

/** Whether the entity does not exist for who gives the command, because it is another's. */
export function isAnothers<D>(right: CommandRight<D>, owner: string | null, { userId, authority }: Issuer): boolean {
  return right.customers === 'own' && !atLeast(authority, 'staff') && owner !== userId;
}

function forbidden(what: string, least: Role | 'system', field?: string): Rejection {
  const message = `${what}: only for ${WHO[least]}`;
  return field === undefined ? { code: 'FORBIDDEN', message } : { code: 'FORBIDDEN', message, field };
}
