/** What any server of an engine is to survive. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerForTests } from '../../engines/server-process.ts';
import type { Fault } from '../system/system.ts';

export function killed(name: string, nodes: readonly ServerForTests[], of: string, onKill = () => {}): Fault {
  return {
    kind: `${name} kill -9`,
    weight: 3,
    of,
    async strike(random) {
      const node = random.pick(nodes);
      onKill();
      await node.kill('SIGKILL');
      await pause(random.int(0, 3000));
      await node.start();
      return nodes.length > 1 ? `number ${nodes.indexOf(node) + 1}` : '';
    },
  };
}

export function stopped(name: string, nodes: readonly ServerForTests[], of: string, longestMs: number): Fault {
  return {
    kind: `${name} SIGSTOP, SIGCONT`,
    weight: 3,
    of,
    async strike(random) {
      const node = random.pick(nodes);
      const ms = random.int(1000, longestMs);
      await node.kill('SIGSTOP');
      await pause(ms);
      await node.kill('SIGCONT');
      return `${nodes.length > 1 ? `number ${nodes.indexOf(node) + 1}, ` : ''}${ms} ms`;
    },
  };
}
