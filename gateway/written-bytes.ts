/**
 * How much a mutation writes to the log, which is kept for ever: estimated before anything is written. One large variable can be
 * given to each of a hundred fields, and each element of a list causes commands, states and statuses, which hold the list.
 */
import { type FieldNode, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import type { RootCommands } from './commands-of.ts';
import { tooMuch } from './limits.ts';

/** Bytes that one mutation may cause to be written, as they are estimated here. */
const MAX_WRITTEN_BYTES = 8 * 1024 * 1024;

/** Of a command, its event, state and statuses: their headers, and how often they hold what was given. */
const OF_COMMAND = { headers: 3_000, copies: 4 };
/** Of each element of a list in it: a command to another aggregate, what becomes of it, a state and a status of the whole. */
const OF_ELEMENT = { headers: 4_000, copies: 2 };
/**
 * Answers to a long list come many to a step, and a step writes state and status once. Measured on a purchase of 500 lines:
 * 2.5 MB when each partition answers in one step, 4.5 MB with 25 answers to a step.
 */
const MOST_REWRITES = 25;

type Variables = Readonly<Record<string, unknown>>;

/**
 * @param fields at the root of the mutation @param variables with their defaults
 * @returns the bytes @throws {GraphQLError} `LIMIT_EXCEEDED`
 */
export function checkWritten(fields: readonly RootCommands[], variables: Variables): number {
  const known = new Map<ValueNode | string, number>();
  const bytes = fields.reduce((sum, field) => sum + ofCommands(field, variables, known), 0);
  if (bytes <= MAX_WRITTEN_BYTES) return bytes;
  throw tooMuch(
    `the mutation may write ${megabytes(bytes)} to the log; at most ${megabytes(MAX_WRITTEN_BYTES)} are allowed: send it in parts`,
  );
}

function ofCommands(
  { node, inputs }: RootCommands,
  variables: Variables,
  known: Map<ValueNode | string, number>,
): number {
  if (inputs === undefined) return ofField(node, variables, known);
  return inputs.reduce<number>((sum, input) => sum + OF_COMMAND.headers + ofInput(input), 0);
}

function ofField(
  { arguments: given = [] }: FieldNode,
  variables: Variables,
  known: Map<ValueNode | string, number>,
): number {
  return given.reduce((sum, { value }) => {
    // One variable in many fields is looked at once.
    const key = value.kind === Kind.VARIABLE ? value.name.value : value;
    const bytes = known.get(key) ?? ofInput(valueFromASTUntyped(value, variables));
    known.set(key, bytes);
    return sum + bytes;
  }, OF_COMMAND.headers);
}

function ofInput(value: unknown): number {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  const elements = elementsOf(value);
  const rewritten = Math.min(elements, MOST_REWRITES) * OF_ELEMENT.copies * bytes;
  return OF_COMMAND.copies * bytes + elements * OF_ELEMENT.headers + rewritten;
}

function elementsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const within = Object.values(value).reduce<number>((sum, each) => sum + elementsOf(each), 0);
  return Array.isArray(value) ? value.length + within : within;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}
