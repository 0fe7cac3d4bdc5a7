/**
 * Records that change their shape. Every command, event, state, part and status carries the version of its schema. A chain
 * of upcasters, one per version, brings older data to the newest shape on reading; nothing on the log is rewritten.
 * How to: docs/changing-records.md.
 */
import { z } from 'zod';

/** Data as it was read, before its schema has seen it. */
export type RawData = Readonly<Record<string, unknown>>;

/**
 * From one version to the next. During a rolling upgrade older code writes its own version over data that newer code wrote,
 * so it must leave data as it is that has the newer shape already.
 */
export type Upcaster = (data: RawData) => RawData;

/** A chain, oldest first: the one at 0 makes version 2 of version 1. */
export type Upcasters = readonly Upcaster[];

/** For data that has got a field that may be left out: older data is as it was. */
export const ADDED: Upcaster = (data) => data;

/** The version that is written now. */
export function currentVersion(chain: Upcasters | undefined): number {
  return (chain?.length ?? 0) + 1;
}

/** The data in the newest shape. A version that is newer than all that is known is taken as it is. */
export function upcast(chain: Upcasters | undefined, version: number, data: unknown): unknown {
  if (chain === undefined || version > chain.length) return data;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  return chain.slice(version - 1).reduce((was: RawData, next) => next(was), data as RawData);
}

/**
 * An object that keeps the fields it does not know, so that what newer code wrote survives a write by older code. Its type
 * does not show them: nobody may use them.
 */
export function openObject<T extends z.ZodRawShape>(shape: T): z.ZodObject<T> {
  return z.looseObject(shape) as unknown as z.ZodObject<T>;
}
