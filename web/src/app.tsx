/** Which page stands at which address, and what must be known before any of them can be shown: who is asking. */
import { useQuery } from '@apollo/client/react';
import { type ComponentType, useEffect, useMemo, useSyncExternalStore } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { EmptyState, Problem, Skeleton } from './components/empty-state';
import { returnRejected } from './counterfoils/back-to-basket';
import { followBasket } from './counterfoils/basket';
import { counterfoils } from './counterfoils/counterfoils';
import { ViewerDocument } from './gql/graphql';
import { basePath } from './graph/base-path';
import { errorCode } from './graph/client';
import { allKinds, definitionOf } from './graph/kinds';
import { startLive } from './graph/live';
import { serverAnswers } from './graph/server-answers';
import { session } from './graph/session';
import { atLeast, ViewerContext, viewerOf } from './graph/viewer';
import { type LazyPage, lazyPage, Page } from './shell/lazy-page';
import { Shell } from './shell/shell';
import { SignIn } from './shell/sign-in';

const Overview = lazyPage(() => import('./pages/overview'));
const Account = lazyPage(() => import('./pages/account'));
const Console = lazyPage(() => import('./pages/console'));
const Shop = lazyPage(() => import('./pages/shop'));
const Transactions = lazyPage(() => import('./pages/transactions'));
const TransactionPanel = lazyPage(() => import('./pages/transaction'));

/** What `pages/<plural>.tsx` of a kind holds: its list, the panel of one of them, and the panel that adds one. */
interface KindPages {
  readonly default: ComponentType;
  readonly Panel: ComponentType;
  readonly New?: ComponentType;
  /** Begins to read what the list shows first. */
  begin?(params: URLSearchParams): void;
}
const modules = import.meta.glob<KindPages>('./pages/*.tsx');

const kindPages = allKinds.map((kind) => {
  const { plural, listedFor, canBeAdded } = definitionOf(kind);
  const part = (name: 'default' | 'Panel' | 'New') =>
    lazyPage(async () => {
      const found = (await modules[`./pages/${plural}.tsx`]?.())?.[name];
      if (found === undefined) throw new Error(`pages/${plural}.tsx has no ${name}`);
      return { default: found };
    });
  return { plural, listedFor, List: part('default'), Panel: part('Panel'), New: canBeAdded ? part('New') : undefined };
});

/** By the first part of their addresses. */
const pages = new Map<string, readonly LazyPage[]>([
  ['', [Overview]],
  ['shop', [Shop]],
  ['transactions', [Transactions, TransactionPanel]],
  ['console', [Console]],
  ['account', [Account]],
  ...kindPages.map(({ plural, List, Panel }) => [plural, [List, Panel]] as const),
]);

/** So long the frame waits for the page that it is to hold. */
const WAITED_FOR_MS = 3_000;

/** The code of the page in the address comes while the server is asked who is there: one after the other, both take longer. */
class FirstPage {
  #there = false;
  #changed = () => {};

  constructor() {
    const [section = ''] = location.pathname.slice(basePath.length).split('/');
    void Promise.all((pages.get(section) ?? []).map((page) => page.preload())).then(this.#show);
    // What it shows, too: who may not see it is told so by the frame.
    void modules[`./pages/${section}.tsx`]?.().then(
      ({ begin }) => begin?.(new URLSearchParams(location.search)),
      () => {},
    );
    // The frame around it tells what is wrong.
    setTimeout(this.#show, WAITED_FOR_MS);
  }

  readonly #show = (): void => {
    this.#there = true;
    this.#changed();
  };

  readonly there = (): boolean => this.#there;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed = changed;
    return () => {
      this.#changed = () => {};
    };
  };
}

const firstPage = new FirstPage();

export function App() {
  const signIn = useSyncExternalStore(session.subscribe, session.state) === 'sign-in-needed';
  const { data, error, refetch } = useQuery(ViewerDocument, { skip: signIn });
  const id = data?.viewer.id;
  const role = data?.viewer.role ?? 'VISITOR';
  const firstPageThere = useSyncExternalStore(firstPage.subscribe, firstPage.there);
  const viewer = useMemo(() => viewerOf(id ?? '', role), [id, role]);

  useEffect(() => {
    if (id === undefined) return;
    session.accepted();
    const stops = [startLive(role), counterfoils.open(id), followBasket(), returnRejected()];
    return () => {
      for (const stop of stops) stop();
    };
  }, [id, role]);

  // The server did not answer at all, or is still starting: asked again, without a click.
  useEffect(() => {
    if (error === undefined || !['UNAVAILABLE', null].includes(errorCode(error))) return;
    const waiting = new AbortController();
    void serverAnswers(waiting.signal).then(
      () => refetch().catch(() => {}),
      () => {},
    );
    return () => waiting.abort();
  }, [error, refetch]);

  if (signIn) return <SignIn />;
  if (id === undefined || !firstPageThere) {
    return (
      <main className="starting">
        {error && id === undefined ? (
          <Problem error={error} onRetry={() => void refetch().catch(() => {})} />
        ) : (
          <Skeleton lines={6} />
        )}
      </main>
    );
  }
  return (
    <ViewerContext value={viewer}>
      <Routes>
        <Route element={<Shell />}>
          {viewer.isStaff ? (
            <Route index element={<Page of={Overview} />} />
          ) : (
            <Route index element={<Navigate to="/shop" replace />} />
          )}
          {kindPages
            .filter(({ listedFor }) => atLeast(role, listedFor))
            .map(({ plural, List, Panel, New }) => (
              <Route key={plural} path={plural} element={<Page of={List} />}>
                {viewer.isStaff && New !== undefined ? <Route path="new" element={<Page of={New} />} /> : null}
                <Route path=":id" element={<Page of={Panel} />} />
              </Route>
            ))}
          <Route path="shop" element={<Page of={Shop} />} />
          {atLeast(role, 'CUSTOMER') ? (
            <Route path="transactions" element={<Page of={Transactions} />}>
              <Route path=":id" element={<Page of={TransactionPanel} />} />
            </Route>
          ) : null}
          {atLeast(role, 'ADMIN') ? <Route path="console" element={<Page of={Console} />} /> : null}
          {role === 'CUSTOMER' ? <Route path="account" element={<Page of={Account} />} /> : null}
          <Route path="*" element={<NotHere />} />
        </Route>
      </Routes>
    </ViewerContext>
  );
}

const NotHere = () => (
  <div className="page">
    <EmptyState title="There is nothing here">
      <p>The address is mistyped, or leads to something you may not see.</p>
    </EmptyState>
  </div>
);
