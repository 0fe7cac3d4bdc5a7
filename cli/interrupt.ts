/** Ctrl-C and SIGTERM end a command cleanly: the first asks it to stop, a second one does not wait for that. */
import { Interrupted } from './failure.ts';

/** Runs `command` with a signal that Ctrl-C aborts. @throws {Interrupted} when it was, whatever the command made of it */
export async function interruptible<T>(command: (signal: AbortSignal) => Promise<T>, hint?: string): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted(hint));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const result = await command(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
