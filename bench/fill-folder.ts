/**
 * Fills a data folder with confirmed purchases: `node --import ./bench/suite/as-built.mjs bench/fill-folder.ts DIR PURCHASES
 * [LINES]`. To try a start on it: `node --import tsx bench/start-up.ts DIR`, or `DATA_DIR=DIR npm start`.
 */
import { generateFolder, sizesFor } from './rigs/generate.ts';

const [dir, purchases, lines = '1'] = process.argv.slice(2);
if (dir === undefined || !(Number(purchases) > 0)) throw new Error('usage: fill-folder.ts DIR PURCHASES [LINES]');
await generateFolder(dir, sizesFor(Number(purchases), Number(lines)), (done) => {
  process.stderr.write(`${done} of ${purchases}\n`);
});
