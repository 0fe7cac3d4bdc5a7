/**
 * The directions of imports. A folder may import what is listed for it, and itself; everything else of ours is refused.
 * `npm run deps` checks it.
 */

/** The ports, without the engines beside them. */
const LOG = '^log/[^/]+$';
const VIEWS = '^views/[^/]+$';
const STORE = '^store/[^/]+$';
const SQLITE = '^store/sqlite\\.ts$';
const ENGINES = '^log/(kafka|embedded)/|^views/(mongo|embedded)/|^store/disk/';
/** Pure: the page finds and marks words by the server's own code. */
const WORDS = '^views/(fold|words)\\.ts$';
/** Pure too: whose days they are. */
const ZONES = '^resolvers/time-zone\\.ts$';
const EVERYTHING = '.';

/** Rooms in the order in which a command passes them; `server/` and `cli/` put them together. */
const MAY_IMPORT = {
  '^domain/': [],
  '^waiting/': [],
  // The page runs it too.
  '^export/': [],
  [LOG]: [LOG],
  [VIEWS]: [VIEWS],
  '^log/kafka/': [LOG],
  '^log/embedded/': [LOG],
  '^views/mongo/': [VIEWS],
  '^views/embedded/': [VIEWS, SQLITE],
  // How all that the domain says stands on the log.
  '^records/': ['^domain/', LOG],
  // Keys of personal fields; it knows no aggregate.
  '^sealing/': ['^(domain|records)/', LOG],
  [STORE]: [STORE],
  '^store/disk/': [STORE],
  '^processors/': ['^(domain|records)/', LOG, STORE],
  // Effects outside: follows events, and sends them.
  '^outbox/': ['^(domain|records)/', LOG],
  '^projectors/': ['^(domain|records)/', LOG, VIEWS],
  '^transactions/': ['^(domain|records|projectors|sealing)/', LOG, VIEWS],
  // Reads what stands on the log by way of the index that the projectors keep of it.
  '^history/': ['^(domain|records|projectors|transactions)/', LOG, VIEWS],
  // The generated types name what stands behind each type of the schema.
  // What operators see and do while all of it runs.
  '^operations/': ['^(domain|records|projectors|transactions|history)/', LOG, VIEWS],
  '^schema/': ['^(resolvers|transactions|history|projectors|domain|operations)/', LOG, VIEWS],
  '^resolvers/': ['^(schema|domain|transactions|history|projectors|operations)/', LOG, VIEWS],
  // Watches the parts at the log's port, and through what they hand in.
  '^telemetry/': ['^(domain|records|processors|outbox|transactions)/', LOG],
  '^gateway/': ['^(resolvers|transactions|schema|telemetry)/', '^server/configuration\\.ts$', LOG, VIEWS],
  // Its limits are the domain's own rules of input, asked before anything is sent.
  '^import/': ['^(resolvers|transactions)/', '^domain/(rules|limits)\\.ts$', SQLITE],
  // Checks what stands on the log and in the views against what the domain and the projectors make of it.
  '^audit/': ['^(domain|records|projectors)/', LOG, VIEWS],
  // A whole system to another log: what stands there is known by its records, and who decides by its processor.
  '^migration/': ['^(domain|records|processors|audit)/', LOG],
  '^server/': [
    '^(domain|records|sealing|processors|outbox|projectors|transactions|history|operations|resolvers|gateway|import|telemetry)/',
    ...[LOG, VIEWS, STORE, ENGINES],
  ],
  '^cli/': [
    '^(domain|records|sealing|processors|projectors|resolvers|operations|import|export|audit|migration|server)/',
    LOG,
    VIEWS,
    ENGINES,
  ],
  '^web/': ['^(domain|export)/', WORDS, ZONES],
  // The page, from what shows nothing to what shows all; app.tsx and main.tsx put it together.
  '^web/src/text/': [WORDS, ZONES],
  '^web/src/gql/': [],
  '^web/src/graph/': ['^export/', '^web/src/gql/'],
  '^web/src/counterfoils/': ['^domain/limits\\.ts$', '^web/src/(gql|graph|text)/'],
  // The domain's own rules, run in the browser: here alone.
  '^web/src/foresight/': ['^domain/', '^web/src/(gql|graph|counterfoils|text)/'],
  '^web/src/components/': ['^export/', '^web/src/(gql|graph|counterfoils|foresight|text)/'],
  // A page may bring a style sheet of its own, which is loaded with it.
  '^web/src/pages/': ['^web/src/(gql|graph|counterfoils|foresight|text|components|style)/'],
  '^web/src/shell/': ['^web/src/(graph|counterfoils|text|components)/'],
  '^(bench|scripts|test)/': [EVERYTHING],
};

/** How long work takes turns, and how waiting ends: it knows nothing of ours, and every room may use it. */
const EVERYONES = '^waiting/';

const ours = `${Object.keys(MAY_IMPORT).join('|')}|^[^/]+\\.ts$`;

const directions = Object.entries(MAY_IMPORT).map(([from, to]) => ({
  name: `from ${from.replace(/[\^\\]/g, '')}`,
  severity: 'error',
  comment: `it may import: ${to.length === 0 ? 'nothing of ours' : to.join(' ').replace(/[\^\\]/g, '')}`,
  from: { path: from },
  to: { path: ours, pathNot: [from, ...to, EVERYONES] },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'engines stay behind their ports',
      severity: 'error',
      comment: 'only server/engines.ts, cli/, bench/ and test/ may: use log/event-log.ts, views/view-store.ts',
      from: { pathNot: ['^server/engines\\.ts$', '^(cli|bench|test)/', ENGINES] },
      to: { path: ENGINES },
    },
    {
      name: 'domain is pure',
      severity: 'error',
      comment: 'no I/O, no clock, no random: no modules of Node in domain/',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'GraphQL ends at the resolvers',
      severity: 'error',
      comment: 'what stands behind them has errors of its own, see transactions/errors.ts',
      from: { path: '^(domain|records|log|views|processors|outbox|projectors|transactions|history|audit)/' },
      to: { path: '(^|/)node_modules/(graphql|graphql-ws|@apollo)/' },
    },
    {
      name: 'traces cost nothing while they are off',
      severity: 'error',
      comment:
        "OpenTelemetry's SDK and exporters are loaded when they are configured: by import(), or for their types alone",
      from: { pathNot: '^test/' },
      to: {
        path: '(^|/)node_modules/@opentelemetry/(sdk|exporter|resources|core)',
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
    {
      name: 'no cycles',
      severity: 'error',
      comment:
        'files that import each other cannot be understood one after the other; the generated types are excepted',
      from: { pathNot: 'generated\\.ts$' },
      to: { circular: true, viaOnly: { pathNot: 'generated\\.ts$', dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing unresolvable',
      severity: 'error',
      // The package excepted holds types alone.
      comment: 'the file or package is not there',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(virtual:|@graphql-typed-document-node/core$)' },
    },
    {
      name: 'no development packages at run time',
      severity: 'error',
      comment: 'put the package into dependencies',
      from: { pathNot: ['^(web|bench|scripts|test)/', '^[^/]+\\.ts$'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|data|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
