/**
 * The directions of imports. A folder may import what is listed for it, and itself; everything else of ours is refused.
 * `npm run deps` checks it.
 */

/** A port's own files, without the engines beside it. */
const LOG = '^log/[^/]+$';
const VIEWS = '^views/[^/]+$';
const ENGINES = '^log/(kafka|embedded)/|^views/(mongo|embedded)/';
/** What a process is put together from. */
const COMPOSITION =
  '^(main|counterfoil|engines|observation|failpoints|configuration|addresses|starting|engine-check)\\.ts$';
const EVERYTHING = '.';
/** How long work shares the event loop: it knows nothing of ours, and engines on both sides need it. */
const EVERYONES = '^time-slice\\.ts$';

const MAY_IMPORT = {
  '^domain/': [],
  // Documents name the statuses of transactions as the log has them.
  [LOG]: [LOG],
  [VIEWS]: [VIEWS, '^log/transaction-record\\.ts$'],
  '^log/kafka/': [LOG],
  '^log/embedded/': [LOG],
  '^views/mongo/': [VIEWS],
  '^views/embedded/': [VIEWS],
  '^processors/': ['^domain/', LOG],
  '^projectors/': ['^domain/', LOG, VIEWS],
  // The generated types name what stands behind each type of the schema.
  '^schema/': ['^resolvers/', LOG, VIEWS],
  // The domain, for the checks that a command can undergo before it is written: limits stand in one place.
  '^resolvers/': ['^schema/', '^domain/', LOG, VIEWS],
  '^gateway/': ['^resolvers/', '^schema/', LOG, VIEWS, '^configuration\\.ts$'],
  '^time-slice\\.ts$': [],
  '^addresses\\.ts$': [],
  '^starting\\.ts$': ['^observation\\.ts$'],
  '^engine-check\\.ts$': ['^gateway/'],
  '^configuration\\.ts$': ['^addresses\\.ts$'],
  '^failpoints\\.ts$': ['^configuration\\.ts$'],
  '^engines\\.ts$': [COMPOSITION, ENGINES, LOG, VIEWS, '^projectors/'],
  '^counterfoil\\.ts$': [COMPOSITION, LOG, VIEWS, '^(processors|projectors|resolvers|gateway|cli)/'],
  '^observation\\.ts$': [LOG, '^(processors|gateway)/', '^engine-check\\.ts$'],
  '^main\\.ts$': [COMPOSITION],
  // Checks what stands on the log and in the views against what the domain and the projectors make of it.
  '^verify/': ['^(domain|processors|projectors)/', LOG, VIEWS],
  '^cli/': [COMPOSITION, ENGINES, LOG, VIEWS, '^(verify|domain|processors|projectors|resolvers|gateway|schema)/'],
  '^web/': [],
  '^(bench|scripts)/': [EVERYTHING],
  '^test/': [EVERYTHING],
};

const ours =
  '^(domain|log|views|processors|projectors|schema|resolvers|gateway|verify|cli|web|bench|scripts|test)/|^[^/]+\\.ts$';

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
      comment:
        'only engines.ts, the command line, benches and tests may know an engine: use log/event-log.ts, views/view-store.ts',
      from: { pathNot: ['^engines\\.ts$', '^(cli|bench|test)/', ENGINES] },
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
      from: { path: `^(domain|log|views|processors|projectors|schema|resolvers|gateway|verify|cli)/|${COMPOSITION}` },
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
