/** The gateway that most would write: Apollo Server on Express, each mutation awaiting a `send` of its own to Kafka. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import kafkajs from 'kafkajs';

const TOPIC = `express-${randomUUID().slice(0, 8)}`;
const kafka = new kafkajs.Kafka({
  brokers: (process.env['BROKERS'] ?? '').split(','),
  logLevel: kafkajs.logLevel.NOTHING,
});
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 4 }] });
await admin.disconnect();
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();

const SDL = new URL('../../schema/', import.meta.url);
const typeDefs = readdirSync(SDL)
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => readFileSync(new URL(file, SDL), 'utf8'));

const apollo = new ApolloServer({
  typeDefs,
  resolvers: {
    Mutation: {
      async placePurchase(_: unknown, { input }: { readonly input: object }) {
        const [transactionId, id] = [randomUUID(), randomUUID()];
        const headers = { ce_id: transactionId, ce_type: 'placePurchase', ce_source: '/gateway', ce_subject: id };
        await producer.send({ topic: TOPIC, messages: [{ key: id, value: JSON.stringify(input), headers }] });
        return { transactionId, id, acceptedAt: new Date().toISOString() };
      },
    },
  },
});
await apollo.start();
const app = express();
app.use('/graphql', express.json(), expressMiddleware(apollo));
const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port');
  process.stdout.write(`listening http://127.0.0.1:${address.port}\n`);
});
