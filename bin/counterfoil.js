#!/usr/bin/env node
/** The command line's entry: what it runs is built from `cli/`. */
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('counterfoil is not built yet: run npm run build\n');
  process.exit(1);
}
await import(main.href);
