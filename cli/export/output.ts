/** Where the text of an export goes: a file that appears only when it is whole, or stdout. Writing waits for what is slow. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandFailed } from '../failure.ts';

export interface Output {
  /** What has become of it when it is not whole, for messages. */
  readonly ifCut: string;
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
  /** It is whole. */
  finish(): Promise<void>;
  /** It is not whole: nothing of it stays, as far as that can be. */
  discard(): Promise<void>;
}

export function standardOutput(signal: AbortSignal, stream: NodeJS.WritableStream = process.stdout): Output {
  return {
    ifCut: 'what was written is not whole',
    async write(text) {
      if (!stream.write(text)) await once(stream, 'drain', { signal });
    },
    async finish() {},
    async discard() {},
  };
}

/**
 * The file, written under another name beside it, then renamed: what stood there before stays until the new one is whole.
 * @throws {CommandFailed} when it cannot be written there
 */
export async function fileOutput(path: string): Promise<Output> {
  // A link stays a link: what it leads to is replaced.
  const target = await realpath(path).catch(() => path);
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) throw new CommandFailed(`${path} is a folder: --output must name a file`);
  // A device or a pipe cannot be replaced.
  const replaced = found === undefined || found.isFile();
  const written = replaced ? join(dirname(target), `.${basename(target)}.${randomUUID()}.part`) : target;
  const file = await told(path, open(written, replaced ? 'wx' : 'w', found?.mode));
  let ended = false;
  const end = async (): Promise<void> => {
    ended = true;
    await file.close();
  };
  return {
    ifCut: `${path} was not written`,
    async write(text) {
      await told(path, file.writeFile(text));
    },
    async finish() {
      if (ended) return;
      if (replaced) await told(path, file.sync());
      await end();
      if (replaced) await told(path, rename(written, target));
    },
    async discard() {
      if (ended) return;
      await end();
      if (replaced) await rm(written, { force: true });
    },
  };
}

/** Makes the folder unless it is there. @throws {CommandFailed} */
export async function outputFolder(path: string): Promise<void> {
  await told(path, mkdir(path, { recursive: true }));
}

async function told<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CommandFailed(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
