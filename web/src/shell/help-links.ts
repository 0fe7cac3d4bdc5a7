/** What the server offers beside the page: its API to try, and its documentation. */
import type { IconName } from '../components/icons';
import { basePath } from '../graph/base-path';
import { settings } from '../graph/settings';

export interface HelpLink {
  readonly title: string;
  readonly href: string;
  readonly icon: IconName;
}

/** GraphiQL is left out where the server does not offer it (`GRAPHIQL=off`). */
export const helpLinks: readonly HelpLink[] = [
  ...(settings.graphiql ? ([{ title: 'GraphiQL', href: `${basePath}graphql`, icon: 'api' }] as const) : []),
  { title: 'Documentation', href: `${basePath}docs/index.html`, icon: 'docs' },
];
