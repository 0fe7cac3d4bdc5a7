/** Ends an import that cannot go on. */

/** The message is one line that names the file or the server, and the way out. */
export class ImportFailed extends Error {
  override readonly name = 'ImportFailed';
}

/** Stopped by its caller; what has been accepted stays. */
export class ImportStopped extends ImportFailed {
  constructor() {
    super('stopped: run it again to go on');
  }
}
