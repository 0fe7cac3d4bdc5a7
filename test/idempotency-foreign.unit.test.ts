/** Foreign and unreadable records on the topics of the keys: nothing comes through twice, and nothing is lost. */
import { describe, expect, it } from 'vitest';
import { commandsTopic, deadTopic, KEY_USES, KEYS, TRANSACTIONS } from '../records/topics.ts';
import { Gateway, last, restocks, SCRIBBLES, shop } from './idempotency.gateways.ts';

describe('a foreign record over the use of a key', () => {
  it.each(
    Object.entries(SCRIBBLES).flatMap(([what, scribble]) => [
      [what, 'compacted away', scribble] as const,
      [what, 'still there', scribble] as const,
    ]),
  )('lets nothing through twice: %s, the use itself %s', async (_, compacted, scribble) => {
    const log = await shop();
    const first = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.work('keys');
    // Of those that wait, one is another command under the key, one is the same again, one is new.
    const other = await new Gateway(log).restock('ada', 'k', 'jam', 1);
    await new Gateway(log).restock('ada', 'k', 'tea', 1);
    const waiting = await new Gateway(log).restock('ada', 'l', 'jam', 2);
    for (const key of [first.transactionId, waiting.transactionId, 'nobody']) {
      log.append({ topic: KEY_USES, key, ...scribble });
    }
    if (compacted === 'compacted away') log.compact(KEY_USES);
    log.restart('keys');
    log.settle();
    expect(restocks(log)).toEqual(['1 tea', '2 jam']);
    // Not even to the aggregate, which would know the transaction itself, for a week.
    const handedOn = log.records(commandsTopic('products')).map(({ headers }) => headers['ce_id']);
    expect(handedOn.filter((id) => id === first.transactionId)).toHaveLength(1);
    expect(last(log, other)).toMatchObject({
      rejection: { code: 'IDEMPOTENCY_KEY_REUSED', message: expect.stringContaining(first.transactionId) },
    });
    expect(last(log, waiting)).toMatchObject({ status: 'COMPLETED' });
    const newest = new Map(log.records(KEY_USES).map((record) => [record.key, record]));
    for (const { transactionId } of [first, waiting]) {
      expect(JSON.parse(String(newest.get(transactionId)?.value))).toMatchObject({ transactionId, forwarded: true });
    }
    expect(newest.get('nobody')).toMatchObject({ value: null, headers: { ce_type: 'Nothing' } });
    const letters = log.records(deadTopic(KEY_USES));
    expect(letters).toHaveLength(scribble.value === null ? 0 : 3);
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toHaveLength(letters.length);
  });

  it('is ignored when it was covered by ours, or forgotten by a tombstone of ours', async () => {
    const log = await shop();
    const { transactionId } = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.append({ topic: KEY_USES, key: transactionId, value: '?', headers: {} });
    log.append({ topic: KEY_USES, key: 'x', value: '?', headers: {} });
    log.append({ topic: KEY_USES, key: 'x', value: null, headers: { ce_type: 'Nothing' } });
    log.settle();
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toEqual([]);
    expect(log.records(KEY_USES)).toHaveLength(4);
  });

  it('that is a batch nobody can open has all uses made anew that it may have covered', async () => {
    const log = await shop();
    const gateway = new Gateway(log);
    for (const key of ['a', 'b', 'c']) await gateway.restock('ada', key, 'tea', 1);
    log.work('keys');
    const uses = log.records(KEY_USES).map(({ value }) => JSON.parse(String(value)));
    const lost = log.append({ topic: KEY_USES, key: 'x', value: null, headers: {} });
    Object.assign(lost, { key: null, unreadable: 'compression: it is none of ours' });
    log.drop(KEY_USES, (record) => record === lost);
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toHaveLength(1);
    for (const key of ['a', 'b', 'c']) await new Gateway(log).restock('ada', key, 'tea', 1);
    log.settle();
    expect(restocks(log)).toHaveLength(3);
    expect(log.records(KEY_USES).flatMap(({ value }) => (value ? [JSON.parse(String(value))] : []))).toEqual(uses);
  });

  it('is set aside with its tombstone in steps of bounded size', async () => {
    const log = await shop();
    for (let n = 0; n < 1000; n++) log.append({ topic: KEY_USES, key: `x${n}`, value: '?', headers: {} });
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toHaveLength(1000);
    log.compact(KEY_USES);
    expect(log.records(KEY_USES).every(({ value }) => value === null)).toBe(true);
  });
});

describe('a command with a key that nobody can read', () => {
  it('ends however long its headers are, wherever a character is cut', async () => {
    const log = await shop();
    const issuedBy = encodeURIComponent(`${'x'.repeat(299)}🙂`);
    const headers = { ce_id: 'long', ce_type: 'x'.repeat(5000), ce_transactionid: 'long', ce_issuedby: issuedBy };
    log.append({ topic: commandsTopic(KEYS), key: 'k', value: '?', headers });
    log.settle();
    expect(log.statuses().get('long')).toMatchObject([{ status: 'REJECTED', issuedBy: 'x'.repeat(299) }]);
  });

  it('ends REJECTED, UNREADABLE, and is handed on to nobody', async () => {
    const log = await shop();
    const before = log.records(commandsTopic('products')).length;
    const headers = {
      ce_id: 't',
      ce_type: 'restockProduct',
      ce_subject: 'tea',
      ce_transactionid: 't',
      ce_issuedby: 'ada',
    };
    for (let times = 0; times < 2; times++) {
      log.append({ topic: commandsTopic(KEYS), key: 'k', value: '?', headers });
      log.settle();
      log.restart('keys');
    }
    expect(log.records(commandsTopic('products'))).toHaveLength(before);
    expect(log.statuses().get('t')).toMatchObject([
      { status: 'REJECTED', aggregate: 'products', rejection: { code: 'UNREADABLE' } },
    ]);
    expect(log.records(TRANSACTIONS).filter(({ key }) => key === 't')).toHaveLength(1);
  });
});
