/** Why a change was not sent: the rules tell beforehand that it would be rejected. */
import type { ReactNode } from 'react';
import type { NotSent as Reason } from '../foresight/use-issue';

export interface NotSentProps {
  readonly reason: Reason | null;
  /** What can be done about it. */
  readonly children?: ReactNode;
}

export function NotSent({ reason, children }: NotSentProps) {
  if (reason === null) return null;
  return (
    <div className="notice bad" role="alert">
      <p>{reason.what}</p>
      <p className="faint">{reason.remedy ?? 'Change it and send it again.'} Nothing was sent.</p>
      {children}
    </div>
  );
}
