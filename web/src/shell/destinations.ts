/** Where one can go in the page, and what can be begun from everywhere: for the navigation and the palette. */
import { type IconName, iconNamed } from '../components/icons';
import { allKinds, definitionOf, singularOf } from '../graph/kinds';
import { atLeast, type Role } from '../graph/viewer';
import { CONSOLE } from '../text/paths';

export interface Destination {
  readonly to: string;
  readonly title: string;
  readonly icon: IconName;
  readonly least: Role;
  /** Given where it is only for those of just that role. */
  readonly alone?: true;
}

const pages: readonly Destination[] = [
  { to: '/', title: 'Overview', icon: 'overview', least: 'STAFF' },
  ...allKinds.map((kind) => {
    const { plural, title, listedFor } = definitionOf(kind);
    return { to: `/${plural}`, title, icon: iconNamed(plural), least: listedFor };
  }),
  { to: '/shop', title: 'Shop', icon: 'shop', least: 'VISITOR' },
  { to: '/transactions', title: 'Transactions', icon: 'transactions', least: 'CUSTOMER' },
  { to: CONSOLE, title: 'Console', icon: 'console', least: 'ADMIN' },
  { to: '/account', title: 'My details', icon: 'customers', least: 'CUSTOMER', alone: true },
];

const begun: readonly Destination[] = [
  ...allKinds
    .filter((kind) => definitionOf(kind).canBeAdded)
    .map((kind) => ({
      to: `/${definitionOf(kind).plural}/new`,
      title: `Add a ${singularOf(kind)}`,
      icon: 'plus' as const,
      least: 'STAFF' as const,
    })),
  { to: '/shop', title: 'Place a purchase', icon: 'shop', least: 'CUSTOMER' },
  { to: '/purchases?status=PENDING', title: 'Purchases under way', icon: 'purchases', least: 'CUSTOMER' },
  { to: '/purchases?status=REJECTED', title: 'Rejected purchases', icon: 'purchases', least: 'CUSTOMER' },
  { to: '/products?show=out', title: 'Products out of stock', icon: 'products', least: 'STAFF' },
];

const forRole = (all: readonly Destination[], role: Role): Destination[] =>
  all.filter(({ least, alone }) => (alone ? role === least : atLeast(role, least)));

/** The pages of the navigation, in its order. */
export const pagesFor = (role: Role): Destination[] => forRole(pages, role);

/** What is offered beside the pages. */
export const actionsFor = (role: Role): Destination[] => forRole(begun, role);

/** The title of the page at the beginning of a path; undefined where there is none. */
export const titleOf = (section: string): string | undefined => pages.find(({ to }) => to === `/${section}`)?.title;
