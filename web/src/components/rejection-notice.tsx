/** Why a purchase or a transaction was rejected, and what to change, at the top of its panel. */
import { rejectionWords } from '../counterfoils/rejection-words';

export interface RejectionNoticeProps {
  readonly rejection: { readonly code: string; readonly message: string } | null;
}

export function RejectionNotice({ rejection }: RejectionNoticeProps) {
  if (rejection === null) return null;
  const { what, remedy } = rejectionWords(rejection);
  return (
    <div className="notice bad">
      <p>{what}</p>
      {remedy === null ? null : <p className="faint">{remedy}</p>}
    </div>
  );
}
