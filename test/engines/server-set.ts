/** Servers that are of use together alone, such as the nodes of a cluster: started, and ended with their data, as one. */
import type { ServerForTests, ServerProcess, Watchdog } from './server-process.ts';

export interface ServerSet<N> {
  readonly nodes: readonly N[];
  /** Ends them all and removes their data. */
  stop(): Promise<void>;
}

/**
 * Launches them all, for none may be of use alone, and then waits for each.
 * @param launched called when they run, before any of them is waited for
 * @throws when one of them cannot be made, or is of no use in time; none is left then
 */
export async function startServers<N extends ServerProcess>(
  watchdog: Watchdog,
  make: () => Promise<readonly N[]>,
  launched: (nodes: readonly N[]) => Promise<void> = async () => {},
): Promise<ServerSet<N>> {
  let nodes: readonly N[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
    await watchdog.dismiss();
  };
  try {
    nodes = await make();
    for (const node of nodes) node.launch();
    await launched(nodes);
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}

/** The only server of a set of one, which is ended with the set. @throws when the set is empty */
export function onlyOne({ nodes, stop }: ServerSet<ServerForTests>): ServerForTests & { stop(): Promise<void> } {
  const [node] = nodes;
  if (node === undefined) throw new Error('a set without servers');
  return {
    get pid() {
      return node.pid;
    },
    get running() {
      return node.running;
    },
    kill: (signal) => node.kill(signal),
    start: () => node.start(),
    stop,
  };
}
