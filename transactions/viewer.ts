/** Who asks. */
import { highestOf, type Issuer, ROLES, type Role } from '../domain/index.ts';

export interface ViewerIdentity {
  /** The token's `sub`, or `anonymous`. */
  readonly id: string;
  /** As the token names them; those that mean nothing here too. */
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
  /** One who has not signed in, where tokens are asked for and visitors are let in. */
  readonly isVisitor?: true;
}

/** Admins load whole catalogues and watch everything: they may have so many times what a user may. */
export const ADMIN_FACTOR = 20;

/** The highest role that counts: who has signed in is a customer, at least. */
export function roleOf({ roles, isAdmin, isVisitor }: ViewerIdentity): Role {
  if (isVisitor) return 'visitor';
  return isAdmin ? 'admin' : (highestOf(['customer', ...roles]) ?? 'customer');
}

export function issuerOf(viewer: ViewerIdentity): Issuer {
  return { userId: viewer.id, authority: roleOf(viewer) };
}

/** The roles as a command records them: those that count, and never none. */
export function recordedRoles(viewer: ViewerIdentity): string {
  const role = roleOf(viewer);
  return ROLES.filter((each) => each === role || (role !== 'visitor' && viewer.roles.includes(each))).join();
}
