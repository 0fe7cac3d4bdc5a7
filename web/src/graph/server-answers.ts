/** Waits for a server that is away. */
import { basePath } from './base-path';

const ASK_EVERY_MS = 1_000;

/** Asks until the server answers. @throws the signal's reason once that is aborted */
export async function serverAnswers(signal?: AbortSignal): Promise<void> {
  for (;;) {
    // First the rest: this is called when a request has just failed.
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    signal?.throwIfAborted();
    try {
      // A proxy in front may answer for a server that is away: not with success.
      const { ok } = await fetch(`${basePath}icon.svg`, { method: 'HEAD', cache: 'no-store' });
      if (ok) return;
    } catch {
      // Still away.
    }
  }
}
