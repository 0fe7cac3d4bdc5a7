/** How many mutations the gateway answers, beside the gateway that most would write. */
import { startRival } from '../rigs/child.ts';
import { startOnKafka } from '../rigs/system.ts';
import type { Row } from '../suite/row.ts';
import { compareMutations } from './accept.ts';

export const naive: Row = {
  name: 'naive',
  what: 'mutations answered in a second, the log on Kafka, no processor beside it',
  against: 'Apollo on Express, awaiting one kafkajs send for each',
  goal: '≥ 6 ×',
  full: { seconds: 10 },
  quick: { seconds: 1 },
  async run(bench) {
    const { gateway } = await startOnKafka(bench, ['gateway']);
    const { brokers } = await bench.kafka();
    const express = await startRival(bench, 'express-server', { BROKERS: brokers.join() });
    await compareMutations(bench, { ours: gateway.url, rival: { name: 'Express', url: express.url }, atLeast: 6 });
  },
};
