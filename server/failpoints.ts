/**
 * Failure on purpose, for tests of faults: `COUNTERFOIL_FAILPOINTS=before-commit:kill:0.01` kills the process at that
 * point of a processing step, once in a hundred times. Refused in production; without the variable nothing is called.
 */
import { ConfigurationError } from './configuration.ts';

const ACTIONS = {
  /** SIGKILL: no handler runs. */
  kill: () => process.kill(process.pid, 'SIGKILL'),
  /** SIGSTOP, like a long pause of the machine: until something sends SIGCONT. */
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  error: (point: string) => {
    throw new Error(`failure point ${point}`);
  },
} as const;

function isAction(name: string): name is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, name);
}

/** @throws {ConfigurationError} when one of the points is not `point:action:probability` */
export function failpointOf(points: readonly string[]): ((point: string) => void) | undefined {
  if (points.length === 0) return undefined;
  const chosen = points.map((text) => {
    const [point = '', action = '', probability = '1'] = text.split(':');
    const chance = Number(probability);
    if (point === '' || !isAction(action) || !(chance > 0 && chance <= 1)) {
      throw new ConfigurationError(
        `COUNTERFOIL_FAILPOINTS holds ${JSON.stringify(text)}: it must be point:action:probability, action kill, stop or error`,
      );
    }
    return { point, act: ACTIONS[action], chance };
  });
  return (reached) => {
    for (const { point, act, chance } of chosen) if (point === reached && Math.random() < chance) act(point);
  };
}
