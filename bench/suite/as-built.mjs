/**
 * Loads the sources as `npm run build` compiles them: `node --import ./bench/suite/as-built.mjs FILE.ts`. Not by tsx, which
 * keeps the names of functions (esbuild's keepNames): each closure that is made costs more there than in the built server.
 */
import { register } from 'node:module';

register('./as-built-hooks.mjs', import.meta.url);
