/** `counterfoil …`: what `bin/counterfoil.js` starts. */
import { describeFailure, exitCodeOf } from './failure.ts';
import { createProgram } from './program.ts';

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.stderr.write(`counterfoil: ${describeFailure(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
