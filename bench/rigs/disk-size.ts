/** What a folder takes on the disk. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

const BLOCK = 512;

/**
 * Bytes that the files below a folder occupy; holes in them do not count. A file that goes meanwhile counts as none.
 * @param without names of folders in it that do not count
 */
export async function occupied(folder: string, without: readonly string[] = []): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const [top = ''] = relative(folder, entry.parentPath).split(sep);
    if (!entry.isFile() || without.includes(top)) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += (found?.blocks ?? 0) * BLOCK;
  }
  return bytes;
}
