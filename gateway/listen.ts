/** Where a server listens, and what is said when it cannot. */
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '../server/configuration.ts';

export interface Listening {
  /** Where it is reached from this machine: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
}

/** @param variable that holds the port. @throws {ConfigurationError} when it cannot listen there; the app is closed then */
export async function listenAt(
  app: FastifyInstance,
  host: string,
  port: number,
  variable: 'PORT' | 'METRICS_PORT',
): Promise<Listening> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw cannotListen(error, host, port, variable);
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server listens nowhere');
  return { url: `http://${reachable(bound.address)}:${bound.port}`, port: bound.port };
}

/** An address that this machine reaches it by, where it listens on all of them. */
function reachable(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

function cannotListen(error: unknown, host: string, port: number, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigurationError(
        `${name} is ${port}: another process listens there; set ${name} to a free one (0: any)`,
      );
    case 'EACCES':
      return new ConfigurationError(
        `${name} is ${port}: this user may not listen there; set ${name} to one above 1023`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigurationError(`HOST is "${host}": it must be an address or name of this machine`);
    default:
      return error;
  }
}
