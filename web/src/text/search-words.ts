/** Words of a search, matched as the server matches them: each must be the beginning of a word, whatever its case. */

/** Lower case without accents, one character for one, so that positions stay the same. */
export const fold = (text: string): string =>
  [...text].map((char) => [...char.normalize('NFD')][0]?.toLowerCase().slice(0, char.length) ?? char).join('');

export const searchWords = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');

/** Whether each word is the beginning of one of the text's. */
export function matches(text: string, words: readonly string[]): boolean {
  const own = searchWords(fold(text));
  return words.every((word) => own.some((one) => one.startsWith(fold(word))));
}
