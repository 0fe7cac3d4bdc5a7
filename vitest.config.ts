/** Four kinds of tests, told apart by the ends of their files' names; each kind runs after the one before it. */
import { defineConfig } from 'vitest/config';

interface Kind {
  readonly name: string;
  /** Longest time of one test and of one hook, in ms. */
  readonly timeout: number;
  readonly engines: boolean;
  /** Most files at once. Default: as many as there are processors. */
  readonly maxWorkers?: number;
}

const kinds: readonly Kind[] = [
  { name: 'unit', timeout: 60_000, engines: false },
  { name: 'contract', timeout: 60_000, engines: true, maxWorkers: 2 },
  { name: 'e2e', timeout: 120_000, engines: true, maxWorkers: 2 },
  { name: 'browser', timeout: 120_000, engines: true, maxWorkers: 1 },
];

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    projects: kinds.map(({ name, timeout, engines, maxWorkers }, groupOrder) => ({
      // Apollo loads the CommonJS build of graphql; another copy beside it would know none of its types.
      resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
      test: {
        name,
        include: [`test/**/*.${name}.test.ts`],
        testTimeout: timeout,
        hookTimeout: timeout,
        // A second, the default, is a promise that a busy machine does not keep.
        expect: { poll: { timeout: timeout / 2 } },
        sequence: { groupOrder },
        ...(engines ? { globalSetup: './test/global-setup.ts' } : {}),
        ...(maxWorkers === undefined ? {} : { maxWorkers }),
      },
    })),
  },
});
