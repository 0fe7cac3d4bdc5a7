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
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The data of a result. @throws {OperationFailed} for the first of its errors */
export function dataOfResult<T>(
  { data }: Operation<T>,
  result: { readonly data?: unknown; readonly errors?: readonly ResultError[] | undefined },
): T {
  const [error] = result.errors ?? [];
  if (error !== undefined) {
    const code = error.extensions?.['code'];
    throw new OperationFailed(error.message, typeof code === 'string' ? code : undefined);
  }
  const parsed = data.safeParse(result.data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new OperationFailed(`the answer is not Counterfoil's: ${issue?.path.join('.')} ${issue?.message}`);
}
