/** Whether a topic of the embedded log is what its owner asks for: it cannot be changed once it is created. */
import { type Retention, TopicMisconfigured, type TopicSpec } from '../event-log.ts';
import type { Topic } from './topic.ts';

const MEND = 'A topic of the embedded log is fixed when it is created: choose another DATA_DIR, or the setting it has';
const COPY = '`counterfoil copy` makes a copy of all with another number';

/** @throws {TopicMisconfigured} when the topic has other partitions, or would lose data that the specification keeps */
export function checkTopic(spec: TopicSpec, { name, partitions, retention }: Topic): void {
  if (partitions !== spec.partitions) {
    throw new TopicMisconfigured(
      `topic ${name} has ${partitions} partitions, not ${spec.partitions}. ${MEND}; ${COPY}`,
    );
  }
  if (!keepsEnough(retention, spec.retention)) {
    const [has, needs] = [retention, spec.retention].map(retentionName);
    throw new TopicMisconfigured(`topic ${name} has the retention ${has} and needs ${needs}. ${MEND}`);
  }
}

/** Whether a topic with the retention `has` loses nothing that one with `needs` would keep. */
function keepsEnough(has: Retention, needs: Retention): boolean {
  if (has === 'forever') return true;
  if (has === 'compact' || needs === 'compact') return has === needs;
  return needs !== 'forever' && has.ms >= needs.ms;
}

function retentionName(retention: Retention): string {
  return typeof retention === 'string' ? retention : `${retention.ms} ms`;
}
