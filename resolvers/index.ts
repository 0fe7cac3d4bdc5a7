/** The schema's modules, one file per aggregate, each a line; and what is put together of them: resolvers and rights. */
import type { ShownName } from '../domain/index.ts';
import type { Documents } from '../projectors/documents.ts';
import type { Resolvers } from '../schema/types.generated.ts';
import { commands } from './commands.ts';
import { operatorConsole } from './console.ts';
import { customers } from './customers.ts';
import { entityLog } from './entity-log.ts';
import { guarded } from './guarded.ts';
import { products } from './products.ts';
import { purchases } from './purchases.ts';
import { type ArgumentRights, AS_ITS_OBJECT, type FieldRights } from './rights.ts';
import { samples } from './samples.ts';
import { scalars } from './scalars.ts';
import { type AggregateModule, fieldRightsOf, type SchemaModule } from './schema-module.ts';
import { transactions } from './transactions.ts';
import { viewer } from './viewer.ts';
import { webhooks } from './webhooks.ts';

export const modulesOfAggregates = { customers, products, purchases, webhooks } satisfies {
  readonly [A in ShownName]: AggregateModule<Documents[A]>;
};

/** What `schema/common.graphql` defines. */
const common = {
  resolvers: scalars,
  rights: { PageInfo: AS_ITS_OBJECT, Receipt: AS_ITS_OBJECT, Rejection: AS_ITS_OBJECT },
} satisfies SchemaModule;

const modules = [
  ...Object.values(modulesOfAggregates),
  viewer,
  transactions,
  entityLog,
  commands,
  samples,
  operatorConsole,
  common,
];

/** Who may ask for which field. A field of the schema that no module has a rule for does not compile here. */
export const fieldRights: FieldRights = fieldRightsOf(modules);
export const argumentRights: ArgumentRights = Object.assign(
  {},
  ...modules.map((module: SchemaModule) => module.argumentRights),
);

function root(kind: 'Query' | 'Mutation' | 'Subscription') {
  return Object.assign({}, ...modules.map((module: SchemaModule) => module.resolvers[kind]));
}

/** Held to the rights, whoever executes the schema. */
export const resolvers: Resolvers = guarded(
  {
    ...Object.assign({}, ...modules.map((module) => module.resolvers)),
    Query: root('Query'),
    Mutation: root('Mutation'),
    Subscription: root('Subscription'),
  },
  fieldRights,
  argumentRights,
);
