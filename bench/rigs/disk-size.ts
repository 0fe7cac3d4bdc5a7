/** What a folder takes on the disk. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = 512;

/** Bytes that the files below a folder occupy; holes in them do not count. A file that goes meanwhile counts as none. */
export async function occupied(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += (found?.blocks ?? 0) * BLOCK;
  }
  return bytes;
}
