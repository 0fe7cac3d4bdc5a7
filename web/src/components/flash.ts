/** A brief highlight on an element whose content has just changed; none for readers who want less motion. */
import { type RefObject, useEffect, useRef } from 'react';

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Highlights the element each time `signature`, which stands for its content, changes. */
export function useFlash(element: RefObject<HTMLElement | null>, signature: string): void {
  const last = useRef(signature);
  useEffect(() => {
    if (last.current === signature) return;
    last.current = signature;
    if (calm.matches || element.current === null) return;
    const color = getComputedStyle(element.current).getPropertyValue('--flash');
    element.current.animate([{ backgroundColor: color }, {}], { duration: 900, easing: 'ease-out' });
  }, [element, signature]);
}
