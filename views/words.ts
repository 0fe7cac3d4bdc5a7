/** Text as it is searched and sorted: case and accents folded. Writers and readers of views use the same. */

/** Lower case, without accents: `Königlich Essen` → `koniglich essen`. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The different words of some texts, folded: runs of letters and digits. */
export function wordsOf(...texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? []))];
}
