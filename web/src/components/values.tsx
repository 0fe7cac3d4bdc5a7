/** Amounts, times and matched words as they stand in text. */
import type { ReactNode } from 'react';
import { formatExact, formatMoney, formatWhen } from '../text/format';
import { markedPieces } from '../text/search-words';

/** An amount, given as a decimal string. */
export const Money = ({ value }: { readonly value: string }) => <span className="num">{formatMoney(value)}</span>;

/** An instant (ISO 8601), exact in its title; `null` is never. */
export function When({ at }: { readonly at: string | null }) {
  if (at === null) return <span className="faint">never</span>;
  return (
    <time className="num" dateTime={at} title={formatExact(at)}>
      {formatWhen(at)}
    </time>
  );
}

/** The text with the beginnings of words that the search (of `searchWords`) matched marked. */
export const Marked = ({ text, words }: { readonly text: string; readonly words: readonly string[] }): ReactNode =>
  markedPieces(text, words).map((piece) => (piece.marked ? <mark key={piece.start}>{piece.text}</mark> : piece.text));
