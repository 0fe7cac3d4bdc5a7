/** Text in pieces becomes lines. */
import { ImportFailed } from '../failure.ts';

/** A file that is no CSV may have no end of a line at all. */
const LONGEST_LINE = 1_000_000;

/** Ends of lines are those of Unix, Windows and the old Macintosh, also mixed. @throws {ImportFailed} that names no file */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + piece;
    // `\r` at the end of a piece may be the first half of `\r\n`.
    const held = text.endsWith('\r') ? '\r' : '';
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/u);
    rest = (lines.pop() ?? '') + held;
    if (rest.length > LONGEST_LINE)
      throw new ImportFailed(`a line is longer than ${LONGEST_LINE} characters: it is not CSV`);
    if (lines.length > 0) yield lines;
  }
  if (rest === '') return;
  const last = rest.split('\r');
  yield rest.endsWith('\r') ? last.slice(0, -1) : last;
}
