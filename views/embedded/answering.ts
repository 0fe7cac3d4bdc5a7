/** Answers the requests of one role, to write or to read, one after another. */
import { ViewsMisconfigured } from '../view-store.ts';
import type { Database } from './database.ts';
import { codeOf, type FolderOptions, layoutsOf, openReader } from './folder.ts';
import type { ViewLayout } from './layout.ts';
import { answerRead } from './reader.ts';
import {
  type Failure,
  MISCONFIGURED,
  type ReaderRequests,
  type Role,
  type Sent,
  type WriterRequests,
} from './requests.ts';
import { Writer } from './writer.ts';

export type AnyRequest = Sent<WriterRequests> & Sent<ReaderRequests>;

/** What answers requests. It throws what keeps it from answering. */
export function answering(role: Role): (request: AnyRequest) => unknown {
  return role === 'writer' ? writing() : reading();
}

const NOT_OPEN = 'the views are not open';

function writing(): (request: Sent<WriterRequests>) => unknown {
  let writer: Writer | undefined;
  return (request) => {
    if (request.name === 'open') {
      writer = new Writer(request.args);
      return writer.stored();
    }
    if (writer === undefined) throw new Error(NOT_OPEN);
    return writer.answer(request);
  };
}

function reading(): (request: Sent<ReaderRequests>) => unknown {
  let opened: { readonly db: Database; readonly layouts: ReadonlyMap<string, ViewLayout> } | undefined;
  const open = (options: FolderOptions) => {
    opened = { db: openReader(options), layouts: layoutsOf(options.views) };
    return null;
  };
  return (request) => {
    if (request.name === 'open') return open(request.args);
    if (request.name === 'close') {
      opened?.db.close();
      opened = undefined;
      return null;
    }
    if (opened === undefined) throw new Error(NOT_OPEN);
    const { db, layouts } = opened;
    const layout = layouts.get(request.args.view);
    if (layout === undefined) throw new RangeError(`no view is named ${request.args.view}`);
    // One state of the views for all statements of the search.
    db.exec('BEGIN');
    try {
      return answerRead(db, layout, request);
    } finally {
      db.exec('COMMIT');
    }
  };
}

/** An error as it is sent to another thread. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), code: undefined };
  const name = error instanceof ViewsMisconfigured ? MISCONFIGURED : error.name;
  return { name, message: error.message, code: codeOf(error) };
}
