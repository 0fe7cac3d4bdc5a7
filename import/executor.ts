/**
 * What an import needs of a GraphQL server: to execute and to subscribe. `remote-executor.ts` asks one over the
 * network, `local-executor.ts` one in this process.
 */
import type { z } from 'zod';

export type Variables = Readonly<Record<string, unknown>>;

/** A document, and the shape of the data it answers with. */
export interface Operation<T> {
  readonly document: string;
  readonly data: z.ZodType<T>;
  /**
   * A field at the root whose answer is a list of elements that may fail each by itself. The error of one stands in its place,
   * as a `FailedElement`; any other error is the operation's.
   */
  readonly elements?: string;
}

/** What stands in the place of an element that failed. */
export interface FailedElement {
  readonly error: { readonly code: string; readonly message: string };
}

export interface Executor {
  /** @throws {OperationFailed} when the server refused @throws {Unreachable} when it did not answer: the outcome is unknown */
  execute<T>(operation: Operation<T>, variables?: Variables): Promise<T>;
  /** Reconnects after a lost connection; what happened meanwhile is missed. Ends with `signal`. @throws {OperationFailed} */
  subscribe<T>(operation: Operation<T>, variables: Variables, signal: AbortSignal): AsyncIterable<T>;
  /** The server's clock in ms since 1970, as far as its answers so far tell it. */
  now(): number;
}

/** The server answered, with an error. `code` is one of the codes in the schema's description. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

interface ResultError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly ResultError[] | undefined;
}

/** The data of a result. @throws {OperationFailed} for the first of its errors that is not an element's */
export function dataOfResult<T>(operation: Operation<T>, { data, errors = [] }: Result): T {
  const elements = elementsOf(operation, data);
  for (const { message, path = [], extensions } of errors) {
    const code = extensions?.['code'];
    const known = typeof code === 'string' ? code : undefined;
    const index = path[1];
    if (elements === undefined || path[0] !== operation.elements || typeof index !== 'number') {
      throw new OperationFailed(message, known);
    }
    elements[index] = { error: { code: known ?? 'UNKNOWN', message } } satisfies FailedElement;
  }
  const parsed = operation.data.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new OperationFailed(`the answer is not Counterfoil's: ${issue?.path.join('.')} ${issue?.message}`);
}

/** The list that the operation says may fail in part; undefined where there is none. */
function elementsOf({ elements }: Operation<unknown>, data: unknown): unknown[] | undefined {
  const list: unknown = elements === undefined ? undefined : Reflect.get(Object(data), elements);
  return Array.isArray(list) ? list : undefined;
}
