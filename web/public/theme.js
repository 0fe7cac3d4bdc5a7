// Sets the chosen colours before the first paint; a file of its own because the page allows no inline script.
try {
  const theme = localStorage.getItem('counterfoil.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's colours apply.
}
