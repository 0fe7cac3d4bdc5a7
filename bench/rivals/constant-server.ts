/** The gateway of ours, every mutation answered with the same receipt: what is left is HTTP and GraphQL. */
import { pino } from 'pino';
import { executableSchema } from '../../gateway/schema.ts';
import { serve } from '../../gateway/server.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { createMetrics } from '../../telemetry/metrics.ts';

const receipt = {
  transactionId: '01890a5d-ac96-774b-bcce-b302099a8057',
  id: '01890a5d-ac96-774b-bcce-b302099a8058',
  acceptedAt: '2026-01-01T00:00:00.000Z',
};

const { url } = await serve({
  configuration: readConfiguration({ PORT: '0' }),
  schema: executableSchema({ Mutation: { placePurchase: () => receipt } }),
  context: (asker) => asker,
  health: () => ({}),
  metrics: createMetrics(),
  logger: pino({ level: 'silent' }),
});
process.stdout.write(`listening ${url}\n`);
