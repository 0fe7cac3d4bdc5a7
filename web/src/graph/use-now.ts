/** The time, as the overview's figures follow it. */
import { useEffect, useState } from 'react';

const TICK_MS = 10_000;

/** In ms since 1970, as often as a bar of the last hour could move. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
