/** Part of `npm run generate`: writes what is generated into docs, settings and the page, see `generated-texts.ts`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedTexts } from './generated-texts.ts';

for (const { path, renewed } of generatedTexts) {
  const full = join(import.meta.dirname, '..', path);
  writeFileSync(full, renewed(existsSync(full) ? readFileSync(full, 'utf8') : ''));
}
