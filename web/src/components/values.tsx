/** Amounts, times and matched words as they stand in text. */
import type { ReactNode } from 'react';
import { formatExact, formatMoney, formatWhen } from '../text/format';
import { fold } from '../text/search-words';

export const Money = ({ value }: { readonly value: string }) => <span className="num">{formatMoney(value)}</span>;

export function When({ at }: { readonly at: string | null }) {
  if (at === null) return <span className="faint">never</span>;
  return (
    <time className="num" dateTime={at} title={formatExact(at)}>
      {formatWhen(at)}
    </time>
  );
}

/** The text with the beginnings of words that the search matched marked. */
export function Marked({ text, words }: { readonly text: string; readonly words: readonly string[] }): ReactNode {
  const wanted = words.map(fold).filter((word) => word !== '');
  if (wanted.length === 0) return text;
  const folded = fold(text);
  const pieces: ReactNode[] = [];
  let from = 0;
  for (const match of folded.matchAll(/[\p{L}\p{N}]+/gu)) {
    const hit = wanted
      .filter((word) => folded.startsWith(word, match.index))
      .reduce((longest, word) => Math.max(longest, word.length), 0);
    if (hit === 0) continue;
    if (match.index > from) pieces.push(text.slice(from, match.index));
    pieces.push(<mark key={match.index}>{text.slice(match.index, match.index + hit)}</mark>);
    from = match.index + hit;
  }
  return pieces.length === 0 ? text : [...pieces, text.slice(from)];
}
