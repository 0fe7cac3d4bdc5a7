/** What stands where a list or a chart would be, when there is nothing to show or it cannot be shown. */
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** There is nothing to show, and what to do about it. */
export function EmptyState({ title, children }: EmptyStateProps) {
  return (
    <div className="empty">
      <svg viewBox="0 0 96 56" width="96" height="56" aria-hidden="true">
        <path
          className="empty-stub"
          d="M6 4h84a4 4 0 0 1 4 4v11a9 9 0 0 0 0 18v11a4 4 0 0 1-4 4H6a4 4 0 0 1-4-4V37a9 9 0 0 0 0-18V8a4 4 0 0 1 4-4z"
        />
        <path className="empty-dots" d="M34 10v36" />
      </svg>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** It could not be loaded; the message is the error's. */
export function Problem({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  return (
    <EmptyState title="This could not be loaded">
      <p>{error.message}</p>
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry}>
          Load again
        </button>
      )}
    </EmptyState>
  );
}

/** Grey bars in the place of text to come. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
        <i key={index} />
      ))}
    </div>
  );
}
