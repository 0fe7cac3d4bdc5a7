/** `counterfoil rules`: who may do what, as a table for people or as JSON. Printed from the rules that are applied. */
import { atLeast, type CommandRight, ROLES, type Role } from '../domain/index.ts';
import { allAggregates } from '../domain/registry.ts';
import { rightTo } from '../resolvers/guarded.ts';
import { argumentRights, fieldRights } from '../resolvers/index.ts';
import type { FieldRight } from '../resolvers/rights.ts';
import { markdownTable } from './markdown-table.ts';

/** What a role gets: all, what is its own, null in place of the value, or an error FORBIDDEN. */
export type Access = 'all' | 'own' | 'null' | '-';

export interface Rule {
  /** `Query.purchases`; `Receipt.*` for all fields of a type; with an argument, `Query.products(sort.by)`. */
  readonly field: string;
  readonly access: Readonly<Record<Role, Access>>;
  /** The values of the argument that the rule is for; left out: any. */
  readonly values?: readonly unknown[];
}

export interface Rules {
  readonly fields: readonly Rule[];
  /** What needs more than its field does. */
  readonly arguments: readonly Rule[];
  /** Commands that nobody may give but the processors. */
  readonly system: readonly string[];
}

type ForEach = Pick<FieldRight, 'least' | 'own' | 'elseNull'>;

function accessOf({ least, own, elseNull }: ForEach): Rule['access'] {
  const of = (role: Role): Access => {
    if (own && role === 'customer') return 'own';
    return atLeast(role, least) ? 'all' : elseNull ? 'null' : '-';
  };
  return { visitor: of('visitor'), customer: of('customer'), staff: of('staff'), admin: of('admin') };
}

function commandRules(): readonly { readonly name: string; readonly right: CommandRight<unknown> }[] {
  return allAggregates.flatMap(({ rights }) => Object.entries(rights).map(([name, right]) => ({ name, right })));
}

/** All rules there are, in the order in which they stand. */
export function rules(): Rules {
  const fields: Rule[] = [];
  for (const [type, ofType] of Object.entries(fieldRights)) {
    if ('least' in ofType) fields.push({ field: `${type}.*`, access: accessOf(ofType) });
    if (type === 'Mutation') {
      for (const { name, right } of commandRules()) {
        const { least, customers } = right;
        if (least === 'system') continue;
        const own = customers !== undefined ? { own: true as const } : {};
        fields.push({ field: `Mutation.${name}`, access: accessOf({ least, ...own }) });
      }
    }
    for (const name of Object.keys(ofType)) {
      const right = 'least' in ofType ? undefined : rightTo(fieldRights, type, name);
      if (right !== undefined) fields.push({ field: `${type}.${name}`, access: accessOf(right) });
    }
  }
  const ofArguments = Object.entries(argumentRights).flatMap(([field, paths]) =>
    Object.entries(paths).map(
      ([path, { least, own, values }]): Rule => ({
        field: `${field}(${path})`,
        access: accessOf({ least, ...(own ? { own } : {}) }),
        ...(values ? { values } : {}),
      }),
    ),
  );
  const system = commandRules().flatMap(({ name, right }) => (right.least === 'system' ? [name] : []));
  return { fields, arguments: ofArguments, system };
}

const ROOTS = /^(Query|Mutation|Subscription)\./;

/** For people: a table that is Markdown too. Fields that are shown with what they are of are left out. */
export function rulesTable({ fields, arguments: ofArguments, system }: Rules): string {
  const shown = [
    ...fields.filter(({ field, access }) => ROOTS.test(field) || access.visitor !== 'all'),
    ...ofArguments,
  ];
  const rows = shown.map(({ field, access, values }) => [
    `\`${field}${values ? ` = ${values.join(', ')}` : ''}\``,
    ...ROLES.map((role) => access[role]),
  ]);
  const last = `The system alone gives: ${system.map((name) => `\`${name}\``).join(', ')}.`;
  return `${markdownTable(['', ...ROLES], rows)}\n${last}\n`;
}

export function rulesCommand({ json }: { readonly json?: true }): void {
  process.stdout.write(json ? `${JSON.stringify(rules(), null, 2)}\n` : rulesTable(rules()));
}
