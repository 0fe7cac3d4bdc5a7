/** `counterfoil dead list|retry|drop`: the records that no processor could read. */
import { type DeadLetter, drop, readDeadLetters, retry } from '../operations/dead-letters.ts';
import { TOPICS_WITH_DEAD } from '../records/topics.ts';
import { CommandFailed } from './failure.ts';
import { withLog } from './with-log.ts';

export interface DeadOptions {
  readonly topic?: string;
  readonly all?: true;
  readonly json?: true;
}

export async function listDead(keys: readonly string[], options: DeadOptions): Promise<void> {
  const letters = await withLog('read', async (log) => await readDeadLetters(log, topicsOf(options)));
  const chosen = keys.length === 0 ? letters : choose(letters, keys);
  process.stdout.write(options.json ? `${JSON.stringify(chosen.map(jsonOf))}\n` : textOf(chosen));
}

export async function settleDead(
  action: 'retry' | 'drop',
  keys: readonly string[],
  options: DeadOptions,
): Promise<void> {
  if ((keys.length === 0) !== (options.all === true)) {
    throw new CommandFailed(`say which: dead ${action} <key>… as \`dead list\` names them, or --all`);
  }
  let left = 0;
  const settled = await withLog('write', async (log) => {
    const letters = await readDeadLetters(log, topicsOf(options));
    const chosen = options.all ? letters.filter(mayBe[action]) : choose(letters, keys);
    left = options.all ? letters.length - chosen.length : 0;
    await (action === 'retry' ? retry(log, chosen) : drop(log, chosen));
    return chosen;
  });
  const done = action === 'retry' ? 'put back on its topic' : 'dropped';
  if (options.json) process.stdout.write(`${JSON.stringify(settled.map(jsonOf))}\n`);
  else
    process.stdout.write(
      `${settled.map(({ topic, key }) => `${topic} ${key}  ${done}\n`).join('')}${settled.length} ${done}\n${left === 0 ? '' : LEFT(left)}`,
    );
}

/** What `--all` takes in. */
const mayBe = {
  retry: ({ ended }: DeadLetter) => !ended,
  drop: () => true,
};

const LEFT = (count: number) =>
  `${count} left: their transactions have ended REJECTED (UNREADABLE), which is final; drop them\n`;

function topicsOf({ topic }: DeadOptions): readonly string[] {
  if (topic === undefined) return TOPICS_WITH_DEAD;
  if (TOPICS_WITH_DEAD.includes(topic)) return [topic];
  throw new CommandFailed(`--topic is ${topic}: it must be one of ${TOPICS_WITH_DEAD.join(', ')}`);
}

function choose(letters: readonly DeadLetter[], keys: readonly string[]): readonly DeadLetter[] {
  return keys.map((key) => {
    const [letter, another] = letters.filter((one) => one.key === key);
    if (letter === undefined)
      throw new CommandFailed(`there is no dead letter ${key}: \`counterfoil dead list\` shows them`);
    if (another !== undefined)
      throw new CommandFailed(`${letter.topic} and ${another.topic} both have a dead letter ${key}: add --topic`);
    return letter;
  });
}

function jsonOf({ record, ...letter }: DeadLetter): unknown {
  return {
    ...letter,
    record: {
      ...record,
      value: record.value?.toString('utf8') ?? null,
      base64: record.value?.toString('base64') ?? null,
    },
  };
}

function textOf(letters: readonly DeadLetter[]): string {
  const lines = letters.map(({ topic, key, at, reason, ended, record, truncated, size: bytes }) => {
    const size =
      record.value === null
        ? 'tombstone'
        : `${bytes} bytes${truncated.length === 0 ? '' : ` (${truncated.join(' and ')} cut short here)`}`;
    return `${topic.padEnd(20)} ${key.padEnd(10)} ${at}  ${record.key?.slice(0, 100) ?? '(no key)'}, ${size}: ${reason}${ended ? ' (its transaction has ended REJECTED)' : ''}\n`;
  });
  return `${lines.join('')}${letters.length} dead letters\n`;
}
