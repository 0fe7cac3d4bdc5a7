/** Who is asking, and what the page may show them. */
import { createContext, useContext } from 'react';

export interface ViewerState {
  readonly id: string;
  readonly isAdmin: boolean;
}

export const ViewerContext = createContext<ViewerState>({ id: 'anonymous', isAdmin: false });

export const useViewer = (): ViewerState => useContext(ViewerContext);
