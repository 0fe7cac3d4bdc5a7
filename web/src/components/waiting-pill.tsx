/** The button that shows rows which wait while the reader is in the middle of a list. */
import { formatCount } from '../text/format';
import { Icon } from './icons';

export interface WaitingPillProps {
  /** Rows that wait; `'order'` when only the order has changed; null when nothing waits. */
  readonly waiting: number | 'order' | null;
  readonly onShow: () => void;
  /** In the flow of the text instead of over the table. */
  readonly inline?: boolean;
}

export function WaitingPill({ waiting, onShow, inline = false }: WaitingPillProps) {
  if (waiting === null) return null;
  return (
    <button type="button" className={inline ? 'pill inline' : 'pill'} onClick={onShow}>
      {inline ? null : <Icon name="up" size={14} />}
      {waiting === 'order' ? 'Order has changed' : `${formatCount(waiting)} new`}
    </button>
  );
}
