/** Which failures of a rolling run are in order, and which are not. */
import { describe, expect, it } from 'vitest';
import { type Asked, RequestFailed } from '../workload/gateway-client.ts';
import { Answers, PATIENCE_MS } from './answers.ts';

const QUERY = 'query ($id: ID!) { shown: purchase(id: $id) { id } }';

function noted(way: Asked['way'], ...failures: readonly (readonly [code: string, message: string])[]) {
  const lines: string[] = [];
  const answers = new Answers((line) => lines.push(line));
  for (const [code, message] of failures) {
    answers.note(new RequestFailed(code, message), { way, gateway: 'gateway-1', query: QUERY });
  }
  return { answers, lines };
}

describe('while processes are restarted', () => {
  it('a client may be told to ask again, or find nobody', () => {
    const { answers, lines } = noted(
      'request',
      ['UNAVAILABLE', 'this server is shutting down'],
      ['UNAVAILABLE', 'the log is out of reach'],
      ['NO_ANSWER', 'no connection'],
    );
    expect(answers.retriable).toEqual({
      'request: UNAVAILABLE': 2,
      'request: no connection: the gateway was not there': 1,
    });
    expect([answers.failed, lines]).toEqual([{}, []]);
  });

  it('a subscriber may be told to come back', () => {
    const { answers } = noted('subscription', ['NO_ANSWER', 'the connection broke: 1012']);
    expect(answers.retriable).toEqual({ 'subscription: told to come back (1012)': 1 });
    expect(answers.failed).toEqual({});
  });

  it('what clients bring upon themselves counts for nothing', () => {
    const { answers } = noted('request', ['NO_ANSWER', 'given up after 12 ms'], ['BAD_USER_INPUT', 'wrong']);
    expect(answers.failed).toEqual({});
    expect(Object.values(answers.itsOwn)).toEqual([1, 1]);
  });

  it.each([
    ['request', 'NO_ANSWER', `given up after ${PATIENCE_MS} ms`],
    ['request', 'NO_ANSWER', 'fetch failed: ECONNRESET'],
    ['request', 'INTERNAL_SERVER_ERROR', 'something went wrong'],
    ['subscription', 'NO_ANSWER', 'the connection broke: 1006'],
    ['subscription', 'NOT_FOUND', 'there is no transaction'],
  ] as const)('a %s must not end with %s: %s', (way, code, message) => {
    const { answers, lines } = noted(way, [code, message]);
    expect(answers.failed).toEqual({ [`${way}: ${code}: ${message}`]: 1 });
    expect(lines).toEqual([`gateway-1 failed a ${way}: ${code}: ${message}; purchase`]);
  });
});
