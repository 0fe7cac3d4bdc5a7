/** Keys that work everywhere on the page: `/` goes to the search field, Ctrl or Cmd with K opens the palette. */
import { useEffect } from 'react';

/** Keys typed there are text. */
const TEXT = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';

/** @param openPalette also where a page has no search field */
export function useShortcuts(openPalette: () => void): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const command = event.ctrlKey || event.metaKey;
      if (command && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
      } else if (event.key === '/' && !command && !isText(event.target)) {
        event.preventDefault();
        const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
        if (field === null) openPalette();
        field?.focus();
        field?.select();
      }
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [openPalette]);
}

const isText = (target: EventTarget | null): boolean => target instanceof Element && target.matches(TEXT);

/** How the key for the palette is called on this machine. */
export const paletteKeys = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘K' : 'Ctrl K';
