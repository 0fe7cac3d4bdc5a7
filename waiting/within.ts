/** Time-out and abort of a promise. A promise cannot be cancelled: what it does later is ignored, a rejection too. */

/**
 * Time-out: the result of `promise`, if it settles within so many ms.
 * @param late what was waited for, as the subject of the error's text; or a function that makes the error, asked only when
 * the time is up, so that it can tell what is known by then.
 * @param signal ends the waiting earlier.
 * @throws what `promise` rejects with; the error of `late` when the time is up; the signal's reason once it is aborted.
 */
export async function within<T>(
  ms: number,
  late: string | (() => Error),
  promise: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(typeof late === 'string' ? new Error(`${late} took longer than ${ms} ms`) : late());
    }, ms);
  });
  const inTime = Promise.race([promise, timeOut]);
  try {
    return await (signal === undefined ? inTime : unlessAborted(inTime, signal));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The result of `promise`, unless the signal is aborted before it settles.
 * @throws what `promise` rejects with; the signal's reason, at once, when it is aborted.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    // The signal wins when both have settled.
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
