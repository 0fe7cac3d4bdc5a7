/** The page's icons: strokes in the text's colour, decorative; what they mean stands beside them in words. */

const paths = {
  overview: 'M4 19V11M10 19V5M16 19v-6M21 19H3',
  purchases: 'M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9.5 8.5h5M9.5 12.5h5',
  customers: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0',
  products: 'M12 3 4 7v10l8 4 8-4V7zM4 7l8 4 8-4M12 11v10',
  shop: 'M6 8h12l1 12.5H5zM9 8V7a3 3 0 0 1 6 0v1',
  transactions: 'M4 7h13l-3-3M20 17H7l3 3',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20.5 20.5 16 16',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  check: 'M5 12.5 10 17.5 19.5 7',
  cross: 'M7 7l10 10M17 7 7 17',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  right: 'M9 5l7 7-7 7',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3.5v4.5H15',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  auto: 'M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17z',
  stub: 'M4 6.5h16v3.2a2.4 2.4 0 0 0 0 4.6v3.2H4v-3.2a2.4 2.4 0 0 0 0-4.6zM14 7.5v1.2M14 11.4v1.2M14 15.3v1.2',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13',
  edit: 'M4.5 19.5l1-4L16 5l3 3L8.5 18.5zM14 7l3 3',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  api: 'M8 7l-5 5 5 5M16 7l5 5-5 5',
  docs: 'M6 3.5h12v17H6zM9.5 8h5M9.5 12h5M9.5 16h3',
  console: 'M3.5 12h4l2.5-7 4 14 2.5-7h4',
  signOut: 'M10 4.5H5v15h5M14 8l4 4-4 4M18 12H9.5',
} as const;

export type IconName = keyof typeof paths;

/** The icon of that name; a plain one for a kind of entities without its own. */
export const iconNamed = (name: string): IconName => (Object.hasOwn(paths, name) ? (name as IconName) : 'stub');

/** An icon of `size` CSS pixels, hidden from screen readers. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** Something is under way; with a label where no words beside it say so. */
export function Spinner({ label }: { readonly label?: string }) {
  return label === undefined ? (
    <span className="spinner" aria-hidden="true" />
  ) : (
    <span className="spinner" role="img" aria-label={label} />
  );
}
