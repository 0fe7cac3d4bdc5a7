/** Light, dark, or as the system has it; remembered in this browser (`public/theme.js` applies it before the first paint). */
import { useState } from 'react';

const KEY = 'counterfoil.theme';
export type Theme = 'auto' | 'light' | 'dark';

function stored(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

const following: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  const next = () => {
    const chosen = following[theme];
    setTheme(chosen);
    if (chosen === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = chosen;
    try {
      if (chosen === 'auto') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
  };
  return [theme, next];
}
