/**
 * A page whose code is loaded when it is first opened, also when the server is away at that moment. React keeps what a lazy
 * component's loading ended with, and browsers keep a module that could not be fetched (whatwg/html#6768): so the loading
 * goes on until the server is back.
 */
import { type ComponentType, lazy, useMemo } from 'react';
import { serverAnswers } from '../graph/server-answers';

interface Module {
  readonly default: ComponentType;
}

/** When the page was last loaded anew for the sake of code that did not come. */
const LOADED_ANEW = 'counterfoil.loaded-anew';
const NOT_AGAIN_WITHIN_MS = 30_000;

export interface LazyPage {
  /** The component; while its code is on its way it suspends. */
  now(): ComponentType;
  /** Loads the code ahead of the first time that it is shown. Resolves also when it cannot be had. */
  preload(): Promise<void>;
}

export function lazyPage(load: () => Promise<Module>): LazyPage {
  let there: ComponentType | undefined;
  const come = async (): Promise<Module> => {
    const module = await load().catch(() => loadOnceThere(load));
    there = module.default;
    return module;
  };
  const coming = lazy(come);
  // Whoever shows it asks again, and tells what is wrong.
  const preload = () =>
    come().then(
      () => {},
      () => {},
    );
  return { now: () => there ?? coming, preload };
}

/** Shows the page. One whose code is there does not suspend: what React shows meanwhile it leaves there for at least 300 ms. */
export function Page({ of }: { readonly of: LazyPage }) {
  // The same component for as long as the page is shown: another one would begin anew.
  const Shown = useMemo(() => of.now(), [of]);
  return <Shown />;
}

/** @throws what `load` throws when the server answers, and neither asking again nor loading the page anew has helped */
async function loadOnceThere(load: () => Promise<Module>): Promise<Module> {
  await serverAnswers();
  try {
    return await load();
  } catch (error) {
    // The browser keeps the failure, or a newer server has other code. Nothing is lost: the page had not opened yet, and
    // basket, counterfoils and the list's search are kept outside of it.
    if (!mayLoadAnew()) throw error;
    location.reload();
    return new Promise(() => {});
  }
}

/** Once in a while, so that code which never comes does not load the page for ever. */
function mayLoadAnew(): boolean {
  try {
    const last = Number(sessionStorage.getItem(LOADED_ANEW) ?? 0);
    if (Date.now() - last < NOT_AGAIN_WITHIN_MS) return false;
    sessionStorage.setItem(LOADED_ANEW, String(Date.now()));
    return true;
  } catch {
    // Storage is blocked: a loop could not be noticed.
    return false;
  }
}
