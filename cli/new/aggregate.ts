/**
 * `counterfoil new aggregate NAME`: the files of an aggregate that can be added, renamed and removed, ready to be changed
 * into what it is to be. The templates are the files of an example, suppliers, under the paths that they are written to.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isAggregateName } from '../../domain/registry.ts';
import { KEYS } from '../../records/topics.ts';
import { CommandFailed } from '../failure.ts';
import { checkoutFolder, runTool } from './checkout.ts';
import { LISTS, withLines } from './lists.ts';
import { capitalised, type Names, renamed, singularOf, wrongWord } from './names.ts';

export interface NewAggregateOptions {
  readonly singular?: string;
}

const TEMPLATES = join('cli', 'new', 'templates');
/** What `npm run generate` and `npm run golden` write. */
const GENERATED = [
  'schema/types.generated.ts',
  'web/src/gql/gql.ts',
  'web/src/gql/graphql.ts',
  'docs/rights.md',
  'test/golden/documents.json',
  'test/golden/records.json',
];
/** Keeps compiler, linter and test runner from taking a template for what it becomes. */
const SUFFIX = '.txt';

export function newAggregateCommand(plural: string, options: NewAggregateOptions): void {
  const names = namesOf(plural, options);
  const folder = checkoutFolder();
  const created = fromTemplates(folder, names);
  mustBeFree(folder, names, [...created.keys()]);
  const changed = withNewLines(folder, names);
  for (const [path, text] of [...created, ...changed]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const list = (paths: Iterable<string>) => [...paths].map((path) => `  ${path}\n`).join('');
  process.stdout.write(
    `a ${names.singular}, ${names.plural}\nnew:\n${list(created.keys())}changed:\n${list(changed.keys())}`,
  );

  // Lines are longer or shorter than the example's, and imports stand in another order.
  const format = ['check', '--write', '--linter-enabled=false', ...created.keys(), ...changed.keys()];
  runTool(folder, [join('node_modules', '.bin', 'biome'), ...format], 'the files are written; run npm run format');
  runTool(folder, ['npm', 'run', '--silent', 'generate'], 'the files are written; run npm run generate');
  runTool(folder, ['npm', 'run', '--silent', 'golden'], 'the files are written; run npm run golden');
  process.stdout.write(`generated:\n${list(GENERATED)}${next(names)}`);
}

function next({ singular }: Names): string {
  const type = capitalised(singular);
  return `next:
  npm run types && npm run lint && npm run test:unit
  npm start, and: mutation { add${type}(input: { id: "one", name: "First" }) { transactionId } }
  then its own commands, events and rules in domain/${singular}.ts; steps of the saga go into its routes
  before it has data: its records in test/golden/records.json may be deleted, and made anew by npm run golden
  once it has: see docs/changing-records.md
`;
}

/** @throws {CommandFailed} when they are none */
function namesOf(plural: string, options: NewAggregateOptions): Names {
  const singular = options.singular ?? singularOf(plural);
  const wrong = wrongWord(plural) ?? (singular === undefined ? undefined : wrongWord(singular));
  if (wrong !== undefined) throw new CommandFailed(wrong);
  if (singular === undefined || singular === plural) {
    throw new CommandFailed(`${plural} is to be a plural, and different from its singular: name that with --singular`);
  }
  return { plural, singular };
}

/** The new files, by path. */
function fromTemplates(folder: string, names: Names): ReadonlyMap<string, string> {
  const root = join(folder, TEMPLATES);
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(SUFFIX));
  return new Map(
    paths
      .sort()
      .map((path) => [
        renamed(path.slice(0, -SUFFIX.length), names),
        renamed(readFileSync(join(root, path), 'utf8'), names),
      ]),
  );
}

/** The lists with a line for the new aggregate, by path. */
function withNewLines(folder: string, names: Names): ReadonlyMap<string, string> {
  return new Map(
    Object.keys(LISTS).map((path) => [path, withLines(path, readFileSync(join(folder, path), 'utf8'), names)]),
  );
}

/** @throws {CommandFailed} when something has one of the names already */
function mustBeFree(folder: string, { plural, singular }: Names, files: readonly string[]): void {
  if (isAggregateName(plural) || plural === KEYS) throw new CommandFailed(`${plural} exists already`);
  const there = files.find((path) => existsSync(join(folder, path)));
  if (there !== undefined) throw new CommandFailed(`${there} exists already: nothing has been written`);
  const type = capitalised(singular);
  const schema = join(folder, 'schema');
  const taken = new RegExp(`^(type|input|enum|union|scalar|interface) ${type}\\b`, 'm');
  const file = readdirSync(schema)
    .filter((name) => name.endsWith('.graphql'))
    .find((name) => taken.test(readFileSync(join(schema, name), 'utf8')));
  if (file !== undefined) {
    throw new CommandFailed(`${relative(folder, join(schema, file))} has a type ${type} already: another --singular`);
  }
}
