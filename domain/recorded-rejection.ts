/** A rejection within a command, an event or a state: what is decided now has a code of the table, what is read has any. */
import { z } from 'zod';
import type { RejectionCode } from './index.ts';
import { openObject } from './versions.ts';

declare const asRead: unique symbol;

/**
 * A code as it was read from the log: an older or a newer version may have written one that is not in the table. Reading alone
 * makes such a code, so the compiler finds one that is mistyped in a rule.
 */
type ReadCode = string & { readonly [asRead]: true };

/** A rejection that is decided now, or one that was read and is handed on. */
export interface RecordedRejection {
  readonly code: RejectionCode | ReadCode;
  readonly message: string;
  /** The field of the input that would have to change. */
  readonly field?: string | undefined;
}

/** Reads any code. Where a rejection is written, its type asks for one of the table. */
export const recordedRejection = openObject({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
}) as unknown as z.ZodType<RecordedRejection>;
