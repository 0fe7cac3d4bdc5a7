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

/**
 * Tells the gateway, in `pages.json`, which files each page needs that `index.html` does not name: by the first part of its
 * address, which is the name of its module. So the browser fetches them at once, and not when the first files have been run.
 */
const filesOfPages: Plugin = {
  name: 'files-of-pages',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const needed = (names: readonly string[], all = new Set<string>()): ReadonlySet<string> => {
      for (const name of names) {
        if (all.has(name)) continue;
        all.add(name);
        needed(chunks.find(({ fileName }) => fileName === name)?.imports ?? [], all);
      }
      return all;
    };
    const named = needed(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
    const pages = chunks.flatMap(({ facadeModuleId, fileName }) => {
      const [, page] = /\/web\/src\/pages\/([a-z]+)\.tsx$/.exec(facadeModuleId ?? '') ?? [];
      return page === undefined ? [] : [[page, [...needed([fileName])].filter((name) => !named.has(name))] as const];
    });
    this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(Object.fromEntries(pages)) });
  },
};

/** What each page needs: not the rules, with which some look ahead, nor the export. These have files of their own, with all they need. */
const inShared = (id: string): boolean => {
  if (/\/(web\/src\/(graph|gql|text|counterfoils|components|shell)|domain\/limits\.ts)/.test(id))
    return !/\/export-[a-z]+\.tsx?$/.test(id);
  return /\/node_modules\//.test(id) && !/\/node_modules\/(zod|immutable|uuid|graphql-tag)\//.test(id);
};

export default defineConfig({
  plugins: [react(), filesOfPages, precompress],
  // Links to one another are relative, and `gateway/page-index.ts` completes those of index.html: one build for every path.
  base: './',
  build: {
    outDir,
    emptyOutDir: true,
    // The Content-Security-Policy allows files of our own only: nothing is inlined as a data: URL but small images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What several pages share, in a few files: by itself each part would be one of some hundred bytes, some 25 for a page.
          groups: [
            { name: 'shared', test: inShared, minShareCount: 2, priority: 3 },
            { name: 'rules', test: /\/(domain|web\/src\/foresight)\//, minShareCount: 2, priority: 2 },
            { name: 'export', test: /\/export\/|\/export-menu\.tsx$/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  // `vite web` for work on the page: the API is that of a server started beside it.
  server: { proxy: { '/graphql': { target: process.env['COUNTERFOIL_URL'] ?? 'http://127.0.0.1:4000', ws: true } } },
});
