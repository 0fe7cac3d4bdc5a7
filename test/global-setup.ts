/**
 * Starts the real engines once for all projects of a vitest run that need them: each project asks on its own, and what
 * the root project is given, every project inherits. A run of unit tests alone does not come by here.
 */
import type { TestProject } from 'vitest/node';
import startEngines from './engines/global-setup.ts';

// Every project loads this module anew; the process is what they share.
const STARTED = Symbol.for('counterfoil.engines');

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (Reflect.has(globalThis, STARTED)) return undefined;
  Reflect.set(globalThis, STARTED, true);
  return await startEngines(project.vitest.getRootProject());
}
