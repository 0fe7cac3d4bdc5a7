/** What the tray says before anything was done. */
export function EmptyTray() {
  return (
    <p className="tray-empty">
      Every change you make gets a counterfoil here: it shows at once that it has begun, and the moment it is done.
    </p>
  );
}
