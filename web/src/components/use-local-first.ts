/**
 * A value that is kept elsewhere, such as in the address, and is shown as chosen at once: the router takes its time over a
 * change of the address, and a control must not jump back meanwhile.
 */
import { useEffect, useState } from 'react';

export function useLocalFirst<T>(value: T): readonly [T, (next: T) => void] {
  const [shown, setShown] = useState(value);
  useEffect(() => setShown(value), [value]);
  return [shown, setShown];
}
