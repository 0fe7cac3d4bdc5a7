/** A machine that has other things to do: faults that are races show on it, and not on an idle one. */
import { type ChildProcess, spawn } from 'node:child_process';

/** Longer than any test: nothing goes on for ever, even if this process dies without a word. */
const AT_MOST_MS = 300_000;

/** Keeps two processors busy; returns the way to end it. */
export function burn(): () => void {
  const source = `const end = Date.now() + ${AT_MOST_MS}; while (Date.now() < end);`;
  const children = [1, 2].map((): ChildProcess => spawn(process.execPath, ['-e', source], { stdio: 'ignore' }));
  const stop = () => {
    for (const child of children) child.kill('SIGKILL');
    process.off('exit', stop);
  };
  process.once('exit', stop);
  return stop;
}
