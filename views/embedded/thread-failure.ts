/** What a thread of the views could not do, in terms of what to do about it. */
import { ViewsMisconfigured, ViewsUnavailable } from '../view-store.ts';
import { type Failure, MISCONFIGURED } from './requests.ts';

export class ThreadFailure extends Error {
  override readonly name: string;
  /** SQLite's, or that of the operating system. */
  readonly code: string | undefined;

  constructor({ name, message, code }: Failure) {
    super(message);
    this.name = name;
    this.code = code;
  }

  /** The file is to blame: only wiping it helps. */
  get isDamage(): boolean {
    return /^SQLITE_(CORRUPT|NOTADB)/.test(this.code ?? '');
  }
}

/** The error as callers of the store are to see it. */
export function toldOf(error: unknown, dir: string): unknown {
  if (!(error instanceof ThreadFailure)) return error;
  const { code, message, name } = error;
  if (name === MISCONFIGURED) return new ViewsMisconfigured(message);
  if (name === RangeError.name) return new RangeError(message);
  if (code === undefined) return error;
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return new ViewsUnavailable(`the disk of ${dir} is full: make room there, and the views go on by themselves`);
  }
  if (error.isDamage) return new ViewsUnavailable(`the views in ${dir} are damaged (${message}): they are built anew`);
  if (!code.startsWith('SQLITE_') || /^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code)) {
    return new ViewsMisconfigured(
      `the views in ${dir} cannot be opened (${message}): the folder must be this process's to write, see DATA_DIR`,
    );
  }
  return new ViewsUnavailable(`the views in ${dir} cannot be used (${code}: ${message})`);
}
