/** Builds the page from `web/` into `web/dist`, with text files also compressed beside it; index.html is the gateway's to complete. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const outDir = fileURLToPath(new URL('./dist', import.meta.url));

const precompress: Plugin = {
  name: 'precompress',
  apply: 'build',
  async closeBundle() {
    const files = await readdir(outDir, { recursive: true, withFileTypes: true });
    await Promise.all(
      files
        .filter((file) => file.isFile() && /\.(js|css|svg|json|webmanifest)$/.test(file.name))
        .map(async (file) => {
          const path = join(file.parentPath, file.name);
          const content = await readFile(path);
          const [br, gz] = await Promise.all([
            promisify(brotliCompress)(content),
            promisify(gzip)(content, { level: 9 }),
          ]);
          await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
        }),
    );
  },
};

export default defineConfig({
  plugins: [react(), precompress],
  // Links to one another are relative, and `gateway/page-index.ts` completes those of index.html: one build for every path.
  base: './',
  build: {
    outDir,
    emptyOutDir: true,
    // The Content-Security-Policy allows files of our own only: nothing is inlined as a data: URL but small images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  // `vite web` for work on the page: the API is that of a server started beside it.
  server: { proxy: { '/graphql': { target: process.env['COUNTERFOIL_URL'] ?? 'http://127.0.0.1:4000', ws: true } } },
});
