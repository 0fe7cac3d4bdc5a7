/**
 * A chart that is a list: each row a link, with a bar as long as its share of the largest. Read as a list by everyone.
 * Rows stand in order of their measure, also between two readings; while the reader points at the list they stay put.
 */
import { type ReactNode, useRef } from 'react';
import { Link } from 'react-router';

export interface BarRow {
  readonly id: string;
  readonly title: string;
  readonly value: ReactNode;
  /** Any measure: bars are drawn relative to the largest. */
  readonly weight: number;
  readonly href: string;
}

export function BarList({
  rows,
  label,
  tone,
}: {
  readonly rows: readonly BarRow[];
  readonly label: string;
  readonly tone?: string;
}) {
  const element = useRef<HTMLOListElement>(null);
  const order = useRef<readonly string[]>([]);
  const largest = Math.max(...rows.map((row) => row.weight), 0);
  const sorted = [...rows].sort((a, b) => b.weight - a.weight);
  if (element.current?.matches(':hover, :focus-within')) {
    const rank = (row: BarRow) => order.current.indexOf(row.id);
    sorted.sort((a, b) => (rank(a) < 0 || rank(b) < 0 ? 0 : rank(a) - rank(b)));
  }
  order.current = sorted.map((row) => row.id);
  return (
    <ol ref={element} className={`bar-list ${tone ?? ''}`} aria-label={label}>
      {sorted.map((row) => (
        <li key={row.id}>
          <Link to={row.href}>
            <span
              className="bar-fill"
              style={{ width: `${largest === 0 ? 0 : Math.max(1, (100 * row.weight) / largest)}%` }}
            />
            <span className="bar-title">{row.title}</span>
            <span className="bar-value num">{row.value}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
