/** A transaction's status as it stands on the `transactions` topic: whole each time, so the newest one tells all. */
import { z } from 'zod';
import type { RejectionCode } from './index.ts';
import { openObject, type Upcasters } from './versions.ts';

export const transactionStatus = z.enum(['ACCEPTED', 'PENDING', 'COMPLETED', 'REJECTED']);
export type TransactionStatus = z.infer<typeof transactionStatus>;

/** A user's key as an id, and a hash of the command that it stands for. */
const idempotency = z.object({ key: z.string(), body: z.string() });
export type Idempotency = z.infer<typeof idempotency>;

/** Ends a transaction whose key stands for another one already. */
export const KEY_REUSED = 'IDEMPOTENCY_KEY_REUSED' satisfies RejectionCode;

export const transactionRecord = openObject({
  id: z.string(),
  status: transactionStatus,
  /** The mutation's name. */
  command: z.string(),
  /** The aggregate that owns the command: as in the list of them. */
  aggregate: z.string(),
  entityId: z.string(),
  /** The entity's version once completed. */
  entityVersion: z.int().nullable(),
  steps: z.array(
    z.object({ name: z.string(), status: transactionStatus, at: z.string(), entityId: z.string().nullable() }),
  ),
  rejection: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }).nullable(),
  issuedBy: z.string(),
  acceptedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Null without a key. */
  idempotency: idempotency.nullable(),
});
export type TransactionRecord = z.infer<typeof transactionRecord>;
/** 2: with `idempotency`. */
export const transactionUpcasters: Upcasters = [({ idempotency = null, ...status }) => ({ ...status, idempotency })];

export function isFinal(status: TransactionStatus): boolean {
  return status === 'COMPLETED' || status === 'REJECTED';
}

/**
 * Whether `next` is newer than `last`. The first final status stays; it is newer than any other, however few steps it has.
 * The others are ordered by their number of steps, for steps are only ever added: so the order of arrival does not matter,
 * nor where they come from.
 */
export function isNews(last: TransactionRecord | undefined, next: TransactionRecord): boolean {
  if (last === undefined) return true;
  return !isFinal(last.status) && (isFinal(next.status) || next.steps.length > last.steps.length);
}

/** The status of a command that stands on the log and that nobody has decided yet. */
export function accepted(of: {
  readonly id: string;
  readonly command: string;
  readonly aggregate: string;
  readonly entityId: string;
  readonly issuedBy: string;
  readonly at: string;
  readonly idempotency?: Idempotency | undefined;
}): TransactionRecord {
  return {
    id: of.id,
    status: 'ACCEPTED',
    command: of.command,
    aggregate: of.aggregate,
    entityId: of.entityId,
    entityVersion: null,
    steps: [{ name: 'accepted', status: 'ACCEPTED', at: of.at, entityId: null }],
    rejection: null,
    issuedBy: of.issuedBy,
    acceptedAt: of.at,
    finishedAt: null,
    idempotency: of.idempotency ?? null,
  };
}
