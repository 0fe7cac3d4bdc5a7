/**
 * The bulk mutation: many commands in one request. Each goes through the resolver of its own mutation, as the schema has it:
 * there is no second way for a command into the bus.
 */
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { aggregateNamed, aggregateOfCommand } from '../domain/registry.ts';
import type { CommandInput, MutationResolvers } from '../schema/types.generated.ts';
import type { SubmitReceipt } from '../transactions/submit.ts';
import { within } from '../waiting/within.ts';
import type { Context } from './context.ts';
import { unavailable } from './errors.ts';
import { SIGNED_IN } from './rights.ts';
import type { SchemaModule } from './schema-module.ts';

/** How long the commands of one request wait, all in all, for those before them to be decided, ms. */
const DECIDED_WITHIN_MS = 10_000;

/** One command of a request. */
interface Given {
  readonly index: number;
  /** The mutation's name. */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Outcome = SubmitReceipt | Error;

const mutations: MutationResolvers = {
  submitCommands: async (_, { commands }, context, info) => {
    const outcomes = new Array<Outcome>(commands.length);
    const until = performance.now() + DECIDED_WITHIN_MS;
    const run = (given: readonly Given[]) => inTurn(given, context, info, until, outcomes);
    await Promise.all([...byEntity(commands.map(givenOf)).values()].map(run));
    // An element that is an error becomes null, and the error is told with its path.
    return outcomes as readonly SubmitReceipt[];
  },
};

/** By @oneOf there is exactly one field, and it is not null. */
function givenOf(command: CommandInput, index: number): Given {
  const [[name, input] = ['', {}]] = Object.entries(command);
  return { index, command: name, input: Object(input) };
}

/** The commands by the entity that they are for, each list in the order given. One without an id of its own stands alone. */
function byEntity(given: readonly Given[]): ReadonlyMap<string, readonly Given[]> {
  const entities = new Map<string, Given[]>();
  for (const each of given) {
    const entity = entityOf(each) ?? `${each.index}`;
    const others = entities.get(entity);
    if (others === undefined) entities.set(entity, [each]);
    else others.push(each);
  }
  return entities;
}

function entityOf({ command, input }: Given): string | undefined {
  const aggregate = aggregateOfCommand(command);
  if (aggregate === undefined) return undefined;
  // `id` is the name of what is to be created: a purchase has its customer's id beside it.
  const id = input['id'] ?? input[aggregateNamed(aggregate).idField];
  return typeof id === 'string' ? `${aggregate}/${id}` : undefined;
}

/**
 * Gives the commands for one entity, one after another. Order: a command under an idempotency key reaches its aggregate by way
 * of the key's owner, so another one could overtake it. What comes after such a command waits until that one is decided.
 */
async function inTurn(
  given: readonly Given[],
  context: Context,
  info: GraphQLResolveInfo,
  until: number,
  outcomes: Outcome[],
): Promise<void> {
  let undecided: SubmitReceipt | undefined;
  for (const { index, command, input } of given) {
    try {
      if (undecided !== undefined) await decided(undecided, context, until);
      undecided = undefined;
      const receipt = await giveAlone(command, input, context, info);
      outcomes[index] = receipt;
      if (input['idempotencyKey']) undecided = receipt;
    } catch (error) {
      outcomes[index] = asElement(error);
    }
  }
}

/** The error of one element. Without a status of HTTP: that is the whole answer's, and the others are all right. */
function asElement(error: unknown): Error {
  if (!(error instanceof GraphQLError)) return error instanceof Error ? error : new Error(String(error));
  const { http: _, ...extensions } = error.extensions;
  return new GraphQLError(error.message, { extensions });
}

/** What the command's own mutation does, with its guards. */
async function giveAlone(
  command: string,
  input: unknown,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<SubmitReceipt> {
  const field = info.schema.getMutationType()?.getFields()[command];
  if (field?.resolve === undefined) throw new Error(`there is no mutation ${command}`);
  // What the schema says that it answers: its own resolver is typed by that.
  return (await field.resolve(undefined, { input }, context, info)) as SubmitReceipt;
}

/** @throws {GraphQLError} `UNAVAILABLE` when it takes too long */
async function decided(receipt: SubmitReceipt, { tracker }: Context, until: number): Promise<void> {
  if (receipt.transaction.status !== 'ACCEPTED') return;
  const why = `the command before it for ${receipt.id}, transaction ${receipt.transactionId}, is not decided yet`;
  const late = () => unavailable(`${why}, and nothing was written of this one: try again`);
  const statuses = await tracker.follow(receipt.transactionId);
  if (statuses === undefined) return;
  const goneOn = async () => {
    for await (const { status } of statuses) if (status !== 'ACCEPTED') return;
  };
  try {
    await within(Math.max(1, until - performance.now()), late, goneOn());
  } finally {
    await statuses.return();
  }
}

export const commands = {
  resolvers: { Mutation: mutations },
  // Who may give which command is asked of each of them.
  rights: { Mutation: { submitCommands: SIGNED_IN } },
} satisfies SchemaModule;
