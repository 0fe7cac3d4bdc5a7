/** What watches over processes is told: readiness of all parts, and whether a gateway is to be sent requests. */
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { addProbes, type PartReport } from '../gateway/probes.ts';

it('leaves a gateway its requests while an engine is away, from its first being ready until it ends', async () => {
  const well: PartReport = { ready: true, state: 'running' };
  const away: PartReport = { ready: false, state: 'trouble', detail: 'MongoDB cannot be reached' };
  let views = away;
  let draining = false;
  const app = Fastify();
  addProbes(app, { health: () => ({ log: well, views }), draining: () => draining });
  const asked = async (url: string) => (await app.inject(url)).statusCode;
  const both = async () => [await asked('/readyz'), await asked('/readyz?for=traffic')];
  expect(await both()).toEqual([503, 503]);
  views = well;
  expect(await both()).toEqual([200, 200]);
  views = away;
  expect(await both()).toEqual([503, 200]);
  expect((await app.inject('/readyz?for=traffic')).json()).toMatchObject({ parts: { views: away } });
  draining = true;
  expect(await both()).toEqual([503, 503]);
  expect(await asked('/healthz')).toBe(200);
  await app.close();
});
