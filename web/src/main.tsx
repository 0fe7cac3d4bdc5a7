/** Starts the page. */
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/list.css';
import './style/panel.css';
import './style/pages.css';
import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './app';
import { basePath } from './graph/base-path';
import { client } from './graph/client';
import { settings } from './graph/settings';
import { setWriting } from './text/writing';

setWriting(settings);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
if (`${location.pathname}/`.startsWith(basePath)) {
  createRoot(root).render(
    <StrictMode>
      <ApolloProvider client={client}>
        <BrowserRouter basename={basePath.slice(0, -1)}>
          <App />
        </BrowserRouter>
      </ApolloProvider>
    </StrictMode>,
  );
} else {
  // Opened past a proxy that takes the path away: the server cannot tell.
  location.replace(basePath);
}
