/** Which server a command talks to, and as whom: the same two options on every command that talks to one. */
import { type Command, Option } from 'commander';
import { CommandFailed } from './failure.ts';
import type { RemoteOptions } from './remote-executor.ts';

export interface ServerOptions {
  readonly url?: string;
  readonly token?: string;
}

export function withServerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--url <url>',
        'the running server, with / behind a path (default: http://127.0.0.1:4000, or its PORT)',
      ),
    )
    .addOption(new Option('--token <jwt>', 'who you are, to a server that asks').env('COUNTERFOIL_TOKEN'));
}

/** @throws {CommandFailed} when it is not told where the server is, and cannot be known */
export function remoteOptions({ url, token }: ServerOptions, signal?: AbortSignal): RemoteOptions {
  return { url: url ?? localUrl(process.env['PORT'] || '4000'), token, signal };
}

function localUrl(port: string): string {
  if (Number(port) === 0) {
    throw new CommandFailed(
      'PORT is 0, so the server listens on a port that it chose itself: say where it is with --url',
    );
  }
  return `http://127.0.0.1:${port}`;
}
