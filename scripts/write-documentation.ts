/** Part of `npm run build`: writes the documentation into `web/dist/docs/`, also compressed. See `documentation.ts`. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { documentation, placeOf } from './documentation.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'web', 'dist', 'docs');

function fileFor(place: string): string {
  const file = join(folder, place);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

const pages = documentation(root);
for (const { path, html } of pages) {
  const file = fileFor(path);
  writeFileSync(file, html);
  writeFileSync(`${file}.br`, brotliCompressSync(html));
  writeFileSync(`${file}.gz`, gzipSync(html, { level: 9 }));
}
for (const picture of new Set(pages.flatMap(({ pictures }) => pictures))) {
  cpSync(join(root, picture), fileFor(placeOf(picture)));
}
