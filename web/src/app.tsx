/** Which page stands at which address, and what must be known before any of them can be shown: who is asking. */
import { useQuery } from '@apollo/client/react';
import { lazy, useEffect, useMemo, useSyncExternalStore } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { EmptyState, Problem, Skeleton } from './components/empty-state';
import { counterfoils } from './counterfoils/counterfoils';
import { ViewerDocument } from './gql/graphql';
import { startLive } from './graph/live';
import { session } from './graph/session';
import { ViewerContext } from './graph/viewer';
import { Shell } from './shell/shell';
import { SignIn } from './shell/sign-in';

const Overview = lazy(() => import('./pages/overview'));
const Customers = lazy(() => import('./pages/customers'));
const CustomerPanel = lazy(() => import('./pages/customer'));
const NewCustomer = lazy(() => import('./pages/customer-form'));
const Products = lazy(() => import('./pages/products'));
const ProductPanel = lazy(() => import('./pages/product'));
const NewProduct = lazy(() => import('./pages/product-form'));
const Purchases = lazy(() => import('./pages/purchases'));
const PurchasePanel = lazy(() => import('./pages/purchase'));
const Shop = lazy(() => import('./pages/shop'));
const Transactions = lazy(() => import('./pages/transactions'));
const TransactionPanel = lazy(() => import('./pages/transaction'));

export function App() {
  const signIn = useSyncExternalStore(session.subscribe, session.state) === 'sign-in-needed';
  const { data, error, refetch } = useQuery(ViewerDocument, { skip: signIn });
  const id = data?.viewer.id;
  const isAdmin = data?.viewer.isAdmin ?? false;
  const viewer = useMemo(() => ({ id: id ?? '', isAdmin }), [id, isAdmin]);

  useEffect(() => {
    if (id === undefined) return;
    session.accepted();
    const stopLive = startLive(isAdmin);
    const closeCounterfoils = counterfoils.open(id);
    return () => {
      stopLive();
      closeCounterfoils();
    };
  }, [id, isAdmin]);

  if (signIn) return <SignIn />;
  if (id === undefined) {
    return (
      <main className="starting">
        {error ? <Problem error={error} onRetry={() => void refetch().catch(() => {})} /> : <Skeleton lines={6} />}
      </main>
    );
  }
  return (
    <ViewerContext value={viewer}>
      <Routes>
        <Route element={<Shell />}>
          {isAdmin ? (
            <>
              <Route index element={<Overview />} />
              <Route path="customers" element={<Customers />}>
                <Route path="new" element={<NewCustomer />} />
                <Route path=":id" element={<CustomerPanel />} />
              </Route>
              <Route path="purchases" element={<Purchases />}>
                <Route path=":id" element={<PurchasePanel />} />
              </Route>
            </>
          ) : (
            <Route index element={<Navigate to="/shop" replace />} />
          )}
          <Route path="products" element={<Products />}>
            {isAdmin ? <Route path="new" element={<NewProduct />} /> : null}
            <Route path=":id" element={<ProductPanel />} />
          </Route>
          <Route path="shop" element={<Shop />} />
          <Route path="transactions" element={<Transactions />}>
            <Route path=":id" element={<TransactionPanel />} />
          </Route>
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
