/** `/healthz` and `/readyz`: what watches over processes asks, of every role. */
import type { FastifyInstance } from 'fastify';
import { within } from '../waiting/within.ts';

export interface PartReport {
  readonly ready: boolean;
  /** In a word: `starting`, `restoring`, `running`, `trouble` … */
  readonly state: string;
  /** In one line: what is wrong, or what is waited for. */
  readonly detail?: string | undefined;
}

/** The parts of this process by name: `log`, `views`, `processor products` … It is ready when all of them are. */
export type ReadinessReport = Readonly<Record<string, PartReport>>;

export type CheckHealth = () => ReadinessReport | Promise<ReadinessReport>;

export interface ProbesOptions {
  readonly health: CheckHealth;
  /** Whether the process is about to end. */
  draining(): boolean;
}

/** `/readyz?for=traffic`: whether requests may be sent there, which they may from its first being ready until it ends. */
const TRAFFIC = 'traffic';

/** An engine that hangs must not hang the probe too. */
const HEALTH_WITHIN_MS = 5_000;

export function addProbes(app: FastifyInstance, { health, draining }: ProbesOptions): void {
  app.get('/healthz', async () => ({ status: 'alive' }));

  let began = false;
  app.get<{ Querystring: { for?: string } }>('/readyz', async (request, reply) => {
    const parts = await reportInTime(health);
    const ready = Object.values(parts).every((part) => part.ready);
    began ||= ready;
    // An engine that is away is away for all gateways: each answers what it can, and says of the rest that it is to be asked again.
    const able = request.query.for === TRAFFIC ? began : ready;
    const status = draining() ? 'shutting down' : able ? 'ready' : 'not ready';
    return reply
      .code(status === 'ready' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status, parts });
  });
}

async function reportInTime(health: CheckHealth): Promise<ReadinessReport> {
  const late = () => new Error(`health did not answer within ${HEALTH_WITHIN_MS / 1000} s`);
  try {
    return await within(HEALTH_WITHIN_MS, late, Promise.resolve().then(health));
  } catch (error) {
    return {
      health: { ready: false, state: 'trouble', detail: error instanceof Error ? error.message : String(error) },
    };
  }
}
