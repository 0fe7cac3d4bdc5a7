/** Who is asking, and what the page may show them. */
import { createContext, useContext } from 'react';

export interface ViewerState {
  readonly id: string;
  readonly isAdmin: boolean;
}

/** Given by `app.tsx` once the server has said who is asking. */
export const ViewerContext = createContext<ViewerState>({ id: 'anonymous', isAdmin: false });

/** Who is asking. The server checks the rights again: this only decides what is shown. */
export const useViewer = (): ViewerState => useContext(ViewerContext);
