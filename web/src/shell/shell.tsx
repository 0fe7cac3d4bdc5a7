/** The frame around every page: navigation, counterfoils, the state of the socket. */
import { Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { Skeleton } from '../components/empty-state';
import { Icon, type IconName, Spinner } from '../components/icons';
import { TroubleCount } from '../components/trouble-count';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import { basePath } from '../graph/base-path';
import { session } from '../graph/session';
import { socketState } from '../graph/socket';
import { useViewer } from '../graph/viewer';
import { CONSOLE } from '../text/paths';
import { Boundary } from './boundary';
import { pagesFor, titleOf } from './destinations';
import { helpLinks } from './help-links';
import { Palette } from './palette';
import { paletteKeys, useShortcuts } from './shortcuts';
import { type Theme, useTheme } from './theme';
import { Tray } from './tray';

export function Shell() {
  const { role } = useViewer();
  const [trayOpen, setTrayOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  useShortcuts(openPalette);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const section = pathname.split('/')[1] ?? '';

  useEffect(() => {
    const title = titleOf(section);
    document.title = title === undefined ? 'Counterfoil' : `${title} · Counterfoil`;
  }, [section]);
  // On a phone the tray lies over the page: following a link out of it shows where it leads.
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes on every change of the address
  useEffect(() => setTrayOpen(false), [pathname]);

  return (
    <div className={trayOpen ? 'shell tray-open' : 'shell'}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="side">
        <div className="brand">
          <img src={`${basePath}icon.svg`} alt="" width="26" height="26" />
          <span>Counterfoil</span>
          <button type="button" className="icon-button find-small" aria-label="Find" onClick={openPalette}>
            <Icon name="search" />
          </button>
          <TrayToggle open={trayOpen} onToggle={() => setTrayOpen(!trayOpen)} />
        </div>
        <button type="button" className="find" aria-keyshortcuts="Control+K Meta+K" onClick={openPalette}>
          <Icon name="search" size={16} /> <span>Find</span> <kbd>{paletteKeys}</kbd>
        </button>
        <nav aria-label="Pages">
          {pagesFor(role).map(({ to, icon, title }) => (
            <NavLink key={to} to={to} end={to === '/'}>
              <Icon name={icon} />
              <span>{title}</span>
              {to === CONSOLE ? <TroubleCount /> : null}
            </NavLink>
          ))}
        </nav>
        <Tray />
        <Help />
        <Foot />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <LostBanner />
        <Boundary address={pathname}>
          <Suspense
            fallback={
              <div className="page">
                <Skeleton lines={8} />
              </div>
            }
          >
            <Outlet />
          </Suspense>
        </Boundary>
      </main>
      {paletteOpen ? <Palette onClose={() => setPaletteOpen(false)} /> : null}
    </div>
  );
}

const Help = () => (
  <ul className="help" aria-label="Help">
    {helpLinks.map(({ title, href, icon }) => (
      <li key={href}>
        <a href={href} target="_blank" rel="noopener">
          <Icon name={icon} size={14} /> {title}
        </a>
      </li>
    ))}
  </ul>
);

/** Opens the tray where it is not always in sight, on narrow screens. */
function TrayToggle({ open, onToggle }: { readonly open: boolean; readonly onToggle: () => void }) {
  const { pending, all } = useCounterfoils();
  return (
    <button type="button" className="tray-toggle" aria-expanded={open} onClick={onToggle}>
      {pending > 0 ? <Spinner /> : <Icon name="stub" />}
      <span>Counterfoils</span>
      {all.length > 0 ? <span className="num">{all.length}</span> : null}
    </button>
  );
}

const themeTitles: Record<Theme, string> = { auto: "System's colours", light: 'Light', dark: 'Dark' };
const themeIcons: Record<Theme, IconName> = { auto: 'auto', light: 'sun', dark: 'moon' };

function Foot() {
  const socket = useSocketState();
  const [theme, nextTheme] = useTheme();
  const { id, role } = useViewer();
  return (
    <footer className="foot">
      <span className={`socket-state ${socket}`}>
        {socket === 'connected' ? 'Live' : socket === 'lost' ? 'Offline' : 'Connecting'}
      </span>
      <span className="who faint" title={`Signed in as ${id}`}>
        {id}
      </span>
      {role === 'VISITOR' ? (
        <button type="button" onClick={() => session.ask()}>
          Sign in
        </button>
      ) : null}
      {session.token() === null ? null : (
        <button
          type="button"
          className="icon-button"
          aria-label="Sign out"
          title="Sign out"
          onClick={() => session.signOut()}
        >
          <Icon name="signOut" size={16} />
        </button>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label={`Colours: ${themeTitles[theme]}`}
        title={themeTitles[theme]}
        onClick={nextTheme}
      >
        <Icon name={themeIcons[theme]} size={16} />
      </button>
    </footer>
  );
}

const useSocketState = () => useSyncExternalStore(socketState.subscribe, socketState.get);

/** Lies over the page's edge, so that nothing moves when it comes and goes. */
function LostBanner() {
  const socket = useSocketState();
  return (
    <div className="banner-frame" role="status">
      {socket === 'lost' ? (
        <p className="banner">
          <Spinner /> Connection lost. What you see may be old; what you send is kept and goes out once the server is
          back.
        </p>
      ) : null}
    </div>
  );
}
