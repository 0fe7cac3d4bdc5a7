/** Starts Counterfoil as a process of its own, as `npm start` does, and talks to it as a client would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { BUNDLED_SERVER } from '../../scripts/bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ServerOptions {
  /** Added to an environment without any variable of Counterfoil's; PORT is 0 (any free one) unless given. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs what `npm run build` made, instead of the sources. */
  readonly built?: boolean;
  readonly token?: string;
  /** The checkout whose server it is. Default: this one. */
  readonly folder?: string;
}

export interface GraphQLAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is the query's, which a test knows.
  readonly data?: any;
  readonly errors?: readonly { message: string; extensions: { code: string; field?: string } }[];
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export class Server {
  readonly process: ChildProcess;
  /** What it wrote so far, both streams. */
  output = '';
  url = '';
  readonly #token: string | undefined;
  readonly #clients = new Set<Client>();

  constructor({ env, built, token, folder = root }: ServerOptions) {
    const { PATH, HOME, TMPDIR } = process.env;
    this.#token = token;
    this.process = spawn(
      process.execPath,
      built ? [join('dist', BUNDLED_SERVER)] : ['--import', 'tsx', 'server/main.ts'],
      {
        cwd: folder,
        env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), PORT: '0', LOG_LEVEL: 'info', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    children.add(this.process);
    this.process.once('exit', () => children.delete(this.process));
    const gather = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    this.process.stdout?.on('data', gather);
    this.process.stderr?.on('data', gather);
  }

  /** Resolves when the output holds what is looked for. @throws with the output when the process ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`the server ended without saying ${pattern}:\n${this.output}`);
      }
      const heard = new AbortController();
      const { stdout, stderr } = this.process;
      const next = ([stdout, stderr] as const).map((stream) => once(stream ?? this.process, 'data', heard));
      // One listener at a time, however talkative it is.
      await Promise.race([...next, once(this.process, 'exit', heard)]).finally(() => heard.abort());
    }
  }

  async graphql(query: string, variables: object = {}, token = this.#token): Promise<GraphQLAnswer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphQLAnswer;
  }

  /** A WebSocket client of its own; ends with the server. */
  client(token = this.#token): Client {
    const client = createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: token ? { authorization: `Bearer ${token}` } : {},
      retryAttempts: 0,
    });
    this.#clients.add(client);
    return client;
  }

  /** Everything a subscription sends until it ends. */
  async all(query: string, variables: Record<string, unknown> = {}, token = this.#token): Promise<GraphQLAnswer[]> {
    const answers: GraphQLAnswer[] = [];
    for await (const answer of this.client(token).iterate({ query, variables })) answers.push(answer as GraphQLAnswer);
    return answers;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill(signal);
      await ended;
    }
    // Only now: what the server tells its clients when it ends is for them to hear.
    for (const client of this.#clients) void client.dispose();
    return this.process.exitCode;
  }
}

/** Starts a server and waits until it listens and has caught up with the log. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const server = new Server(options);
  const roles = options.env['ROLE'];
  if (roles === undefined || roles.includes('gateway')) {
    const [, url = ''] = await server.says(/Counterfoil is at (\S+)/);
    server.url = url;
  }
  await server.says(/"ready: /);
  return server;
}
