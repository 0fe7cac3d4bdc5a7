/**
 * A page whose code is loaded when it is first opened, also when the server is away at that moment. React keeps what a lazy
 * component's loading ended with, and browsers keep a module that could not be fetched (whatwg/html#6768): so the loading
 * goes on until the server is back.
 */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { serverAnswers } from '../graph/server-answers';

interface Module {
  readonly default: ComponentType;
}

/** When the page was last loaded anew for the sake of code that did not come. */
const LOADED_ANEW = 'counterfoil.loaded-anew';
const NOT_AGAIN_WITHIN_MS = 30_000;

/** The page as a component; while its code is on its way it suspends. */
export const lazyPage = (load: () => Promise<Module>): LazyExoticComponent<ComponentType> =>
  lazy(() => load().catch(() => loadOnceThere(load)));

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
