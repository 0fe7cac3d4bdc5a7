/**
 * The built server in a few files: some thousand modules, its packages' among them, take twice as long to start. What is compiled
 * stays beside it, for the command line, for threads, and for whoever looks into it.
 */
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** What a process runs, below the folder that the compiler wrote to. */
export const BUNDLED_SERVER = join('bundle', 'server.js');

const SCHEMA = join(import.meta.dirname, '..', 'schema');

/** Packages with binaries, which they look for beside themselves; and two that are hardly ever loaded, or load themselves anew in threads. */
const EXTERNAL = ['fs-native-extensions', 'libsql', 'lmdb', 'lz4-napi', 'pino', '@graphql-yoga/render-graphiql'];

/** Ours find files from where they stand themselves (the schema, the page, a thread's module): each is told where that was. */
function ownPlaces(dist: string, bundle: string): Plugin {
  return {
    name: 'own places',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        if (relative(dist, path).startsWith('..')) return undefined;
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const place = `new URL(${JSON.stringify(relative(dirname(bundle), path))}, import.meta.url).href`;
        return { contents: text.replaceAll('import.meta.url', place), loader: 'js' };
      });
    },
  };
}

/** Apollo takes Node.js's own hashes where it finds `module.require`, which no bundle has; else some that are written in JavaScript. */
const nodesHashes: Plugin = {
  name: "Node.js's hashes",
  setup({ onLoad }) {
    onLoad({ filter: /@apollo\/utils\.createhash\/.+\.js$/ }, async ({ path }) => {
      return { contents: (await readFile(path, 'utf8')).replaceAll('module.require', 'require'), loader: 'js' };
    });
  },
};

/**
 * What the compiler does not do: the schema beside the code, and the bundle.
 * @param dist the folder that it wrote to @throws with what esbuild says
 */
export async function completeServer(dist: string): Promise<void> {
  await mkdir(join(dist, 'schema'), { recursive: true });
  for (const name of await readdir(SCHEMA))
    if (name.endsWith('.graphql')) await cp(join(SCHEMA, name), join(dist, 'schema', name));
  await bundleServer(dist);
}

/** @param dist the folder that the compiler wrote to @throws with what esbuild says */
export async function bundleServer(dist: string): Promise<void> {
  const bundle = join(dist, BUNDLED_SERVER);
  await rm(dirname(bundle), { recursive: true, force: true });
  await build({
    entryPoints: { server: join(dist, 'server', 'main.js') },
    outdir: dirname(bundle),
    bundle: true,
    splitting: true,
    sourcemap: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: EXTERNAL,
    plugins: [ownPlaces(dist, bundle), nodesHashes],
    // Packages that are no modules require what they need. The name is nobody else's.
    banner: {
      js: "import { createRequire as createBundledRequire } from 'node:module';\nconst require = createBundledRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
