/** Operations within the server are told of errors as clients are: by codes, of which some say that it may be tried again. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFormatError } from '../gateway/format-error.ts';
import { createLocalExecutor } from '../import/local-executor.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { BusError } from '../transactions/errors.ts';

class ReadTooSlowly extends BusError {
  readonly code = 'RESUBSCRIBE';
}

const schema = makeExecutableSchema({
  typeDefs: `
    type Query { whole: Int! }
    type Mutation { each: [Int]! }
    type Subscription { told: Int! }
  `,
  resolvers: {
    Query: {
      whole: () => {
        throw new LogUnavailable("the log's end was not reached");
      },
    },
    Mutation: { each: () => [1, new LogUnavailable("the log's end was not reached"), new Error('unforeseen')] },
    Subscription: {
      told: {
        subscribe: async function* () {
          yield { told: 1 };
          throw new ReadTooSlowly('something was missed');
        },
      },
    },
  },
});
const logger = { warn: () => undefined, error: () => undefined };
const executor = createLocalExecutor({ schema, context: () => ({}), formatError: createFormatError(logger) });
const number = z.object({ whole: z.number() });

describe('the executor within the server', () => {
  it('tells that an engine is out of reach by the code that says so', async () => {
    await expect(executor.execute({ document: '{ whole }', data: number })).rejects.toMatchObject({
      name: 'OperationFailed',
      code: 'UNAVAILABLE',
    });
  });

  it('tells it of one element of a list, and nothing of what is unforeseen', async () => {
    const data = z.object({ each: z.array(z.unknown()) });
    const { each } = await executor.execute({ document: 'mutation { each }', data, elements: 'each' });
    expect(each).toMatchObject([1, { error: { code: 'UNAVAILABLE' } }, { error: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(JSON.stringify(each)).not.toContain('unforeseen');
  });

  it('tells why a subscription ended', async () => {
    const operation = { document: 'subscription { told }', data: z.object({ told: z.number() }) };
    const told: number[] = [];
    const follow = async () => {
      for await (const news of executor.subscribe(operation, {}, new AbortController().signal)) told.push(news.told);
    };
    await expect(follow()).rejects.toMatchObject({ name: 'OperationFailed', code: 'RESUBSCRIBE' });
    expect(told).toEqual([1]);
  });
});
