/** Keys of bounded length: what comes from the log may be of any length, where somebody else has written it. */
import { createHash } from 'node:crypto';

/** Two pieces and what stands between them are still below the bound of keys. */
const MOST_BYTES = 400;

/** The pieces, with slashes between; a long one is replaced by its hash. */
export function storeKey(...pieces: readonly string[]): string {
  return pieces.map(short).join('/');
}

function short(piece: string): string {
  if (piece.length <= MOST_BYTES / 4 || Buffer.byteLength(piece) <= MOST_BYTES) return piece;
  return `#${createHash('sha256').update(piece).digest('base64url')}`;
}
