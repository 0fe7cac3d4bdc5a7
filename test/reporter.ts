/**
 * Ends a test run with one plain line, `N passed, N failed`, that people and machines read alike. Before it stand the suites
 * that were skipped, by name, and which engine was missing.
 */
import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

interface Skipped {
  readonly name: string;
  readonly tests: number;
}

export default class SummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) counts[stateOf(test)]++;
      // A file that could not be loaded, or a hook that failed, has failed although no test of it did.
      const suites = [...module.children.allSuites()];
      const errors = [module, ...suites].reduce((sum, part) => sum + part.errors().length, 0);
      counts.failed += errors;
      if (module.state() === 'failed' && errors === 0 && !tests.some(isFailed)) counts.failed++;
    }
    const skipped = modules.flatMap(skippedIn);
    if (skipped.length > 0) this.#tellSkipped(skipped);
    const line = `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
    if (this.#vitest?.config.watch) writeSync(1, `${line}\n`);
    // Written at the very end, behind whatever the engines say as they stop.
    else process.once('exit', () => writeSync(1, `${line}\n`));
  }

  #tellSkipped(skipped: readonly Skipped[]): void {
    writeSync(1, '\nSkipped:\n');
    for (const { name, tests } of skipped) writeSync(1, `  ${name} (${tests} ${tests === 1 ? 'test' : 'tests'})\n`);
    const { kafkaMissing, mongoMissing } = this.#vitest?.getRootProject().getProvidedContext() ?? {};
    for (const reason of [kafkaMissing, mongoMissing]) if (reason) writeSync(1, `  because ${reason}\n`);
  }
}

function stateOf(test: TestCase): 'passed' | 'failed' | 'skipped' {
  const { state } = test.result();
  // What is still pending when the run ends was never run: it counts as failed rather than as nothing.
  return state === 'pending' ? 'failed' : state;
}

function isFailed(test: TestCase): boolean {
  return stateOf(test) === 'failed';
}

/** The outermost suites, or single tests, all of which was skipped. */
function skippedIn(of: TestModule | TestSuite): readonly Skipped[] {
  return [...of.children].flatMap((child): readonly Skipped[] => {
    if (child.type === 'test') return stateOf(child) === 'skipped' ? [{ name: nameOf(child), tests: 1 }] : [];
    // A suite whose hook failed counts as failed; its tests were not left out on purpose.
    if (child.errors().length > 0) return [];
    const tests = [...child.children.allTests()];
    const all = tests.length > 0 && tests.every((test) => stateOf(test) === 'skipped');
    return all ? [{ name: nameOf(child), tests: tests.length }] : skippedIn(child);
  });
}

function nameOf(task: TestCase | TestSuite): string {
  const result = task.type === 'test' ? task.result() : undefined;
  const note = result?.state === 'skipped' && result.note !== undefined ? `: ${result.note}` : '';
  return `${task.module.relativeModuleId} > ${task.fullName}${note}`;
}
