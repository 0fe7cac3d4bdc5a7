/** Part of `npm run generate`: writes the table that `counterfoil rules` prints into docs/rights.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules, rulesTable } from '../cli/rules.ts';

const PAGE = join(import.meta.dirname, '..', 'docs', 'rights.md');
/** From the table's first row, the names of the roles, to the line below it. */
const TABLE = /^\| +\| visitor [\s\S]*?^The system alone gives: .*\n/m;

const was = readFileSync(PAGE, 'utf8');
if (!TABLE.test(was)) throw new Error(`${PAGE} has no table of rights: put what npx counterfoil rules prints into it`);
writeFileSync(
  PAGE,
  was.replace(TABLE, () => rulesTable(rules())),
);
