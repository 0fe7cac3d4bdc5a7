/**
 * Folding: text as it is searched and sorted, so that people find a name as they type it, in any case and without the accents
 * that their keyboard lacks. Writers and readers of views, and the page, use this one. Pure, and linear in the text's length.
 */

/** Printable ASCII but the grave accent, which is an apostrophe here: nothing to fold but its case. */
const PLAIN = /^[ -_a-~]*$/;

/** Accents that stand alone are typed for apostrophes. Apart from the others, because NFKD makes a space and a mark of them. */
const LONE_ACCENTS = /[\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe]/g;
/** Also the middle dot of the Catalan `paral·lel`, the Hebrew geresh, and the letters of Hawaiian, Breton and Ukrainian. */
const APOSTROPHES = /[`\u00b7\u02b9\u02bb-\u02bf\u02c8\u02ca\u02cb\u055a\u05f3\u2018\u2019\u201b\u2032\ua78b\ua78c]/g;
const HYPHENS = /[\u058a\u05be\u2010-\u2013\u2043\u2212]/g;
/** What nobody sees: soft hyphens, joiners, selectors; and the Arabic tatweel, which only stretches a word. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u0640]/gu;
/**
 * Marks in scripts that are also written without them. In all others marks are vowels or tones, and words differ by them:
 * Indic vowel signs, those of Thai, the voicing of kana.
 */
const OPTIONAL_MARKS =
  /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{N}])\p{M}+/gu;
/** NFKD takes them apart, and が must not begin with か. */
const VOICED_KANA = /[\u3041-\u30ff][\u3099\u309a]/g;

/**
 * Letters that Unicode does not decompose, as CLDR's Latin-ASCII writes them, and what case folding changes beyond case. Of
 * Arabic those that keyboards of Arabic and Persian have in two forms.
 */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ß: 'ss', ħ: 'h', ŧ: 't', ŋ: 'n', ĸ: 'q', ȷ: 'j' },
  ...{ ƀ: 'b', ɓ: 'b', ƃ: 'b', ƈ: 'c', ȼ: 'c', ɖ: 'd', ɗ: 'd', ƌ: 'd', ɇ: 'e', ǝ: 'e', ə: 'e', ɛ: 'e', ƒ: 'f', ǥ: 'g' },
  ...{ ɠ: 'g', ɣ: 'g', ɨ: 'i', ɩ: 'i', ɉ: 'j', ƙ: 'k', ƚ: 'l', ɫ: 'l', ɲ: 'n', ƞ: 'n', ɔ: 'o', ɵ: 'o', ƥ: 'p', ɍ: 'r' },
  ...{ ɽ: 'r', ʂ: 's', ƭ: 't', ʈ: 't', ⱦ: 't', ʉ: 'u', ʊ: 'u', ʋ: 'v', ⱳ: 'w', ƴ: 'y', ɏ: 'y', ƶ: 'z', ȥ: 'z', ʒ: 'z' },
  ...{ ς: 'σ', և: 'եւ', ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه' },
};
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');

/** `Königlich`, `STRASSE` and `Straße`, `O’Connor` → `koniglich`, `strasse`, `o'connor`. Nothing is taken out that has a meaning. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return (
    text
      // However it is stored: Greek has letters that are a lone accent with another one.
      .normalize('NFD')
      .replace(LONE_ACCENTS, "'")
      .normalize('NFKD')
      .replace(UNSEEN, '')
      // Marks that stood on both sides of it have an order of their own.
      .normalize('NFD')
      .replace(OPTIONAL_MARKS, '$1')
      .replace(VOICED_KANA, (kana) => kana.normalize('NFC'))
      .replace(APOSTROPHES, "'")
      .replace(HYPHENS, '-')
      // Full case folding: by way of capitals, which several small letters share.
      .toUpperCase()
      .toLowerCase()
      .replace(LETTER, (letter) => LETTERS[letter] ?? letter)
  );
}
