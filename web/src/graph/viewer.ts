/** Who is asking, and what the page may show them. */
import { createContext, useContext } from 'react';
import type { Role } from '../gql/graphql';

export type { Role } from '../gql/graphql';

/** In order: each role sees all that those before it see. */
const ROLES: readonly Role[] = ['VISITOR', 'CUSTOMER', 'STAFF', 'ADMIN'];

export const atLeast = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);

export interface ViewerState {
  readonly id: string;
  readonly role: Role;
  /** Staff and admins: the back office is theirs. */
  readonly isStaff: boolean;
}

export const viewerOf = (id: string, role: Role): ViewerState => ({ id, role, isStaff: atLeast(role, 'STAFF') });

/** Given by `app.tsx` once the server has said who is asking. */
export const ViewerContext = createContext<ViewerState>(viewerOf('anonymous', 'VISITOR'));

/** Who is asking. The server checks the rights again: this only decides what is shown. */
export const useViewer = (): ViewerState => useContext(ViewerContext);
