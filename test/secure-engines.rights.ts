/** The least rights that docs/secure-engines.md lists, by role, as ACLs on a broker and a role in MongoDB. */
import kafkajs, { type AclEntry, Kafka, logLevel } from 'kafkajs';
import { deciders, processorOf } from '../processors/index.ts';
import { topicSpecs } from '../records/topics.ts';

const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs;

type Operation = keyof typeof AclOperationTypes;

interface Right {
  readonly on: 'topics' | 'groups' | 'transactions';
  /** Which topics; of groups and transactional ids, the end of their names. */
  readonly named: RegExp;
  readonly may: readonly Operation[];
}

/** What every role asks of every topic when it starts. */
const LOOK: Right = { on: 'topics', named: /./, may: ['DESCRIBE', 'DESCRIBE_CONFIGS'] };

const RIGHTS = {
  gateway: [
    LOOK,
    { on: 'topics', named: /\.(commands|dead)$|^(subject-keys|processes)$/, may: ['READ', 'WRITE'] },
    { on: 'topics', named: /^transactions$|\.(positions|events)$/, may: ['READ'] },
    { on: 'groups', named: /-processor$/, may: ['DESCRIBE'] },
  ],
  processor: [
    LOOK,
    { on: 'topics', named: /./, may: ['READ', 'WRITE'] },
    { on: 'groups', named: /-processor$/, may: ['READ'] },
    { on: 'transactions', named: /-processor$/, may: ['WRITE'] },
  ],
  projector: [
    LOOK,
    { on: 'topics', named: /\.(state|commands|events)$|^(transactions|subject-keys)$/, may: ['READ'] },
    { on: 'topics', named: /^processes$/, may: ['WRITE'] },
    { on: 'groups', named: /^(projector|log-index)$/, may: ['READ'] },
  ],
  /** `counterfoil topics create` */
  operator: [LOOK, { on: 'topics', named: /./, may: ['CREATE'] }],
  /** `counterfoil verify` */
  auditor: [
    LOOK,
    { on: 'topics', named: /./, may: ['READ'] },
    { on: 'groups', named: /-processor$/, may: ['DESCRIBE'] },
  ],
  /** `counterfoil dead`: to drop letters, and to put commands back. */
  keeper: [LOOK, { on: 'topics', named: /\.dead$|\.commands$/, may: ['READ', 'WRITE'] }],
} as const satisfies Record<string, readonly Right[]>;

const GROUPS = deciders.map((name) => processorOf(name).name).concat('projector', 'log-index');

/** Gives the users, each named after its role, these rights and no others. */
export async function grant(brokers: readonly string[], prefix: string): Promise<void> {
  const acl = Object.entries(RIGHTS).flatMap(([user, rights]: [string, readonly Right[]]) =>
    rights.flatMap((right) => aclsOf(user, prefix, right)),
  );
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.createAcls({ acl });
  } finally {
    await admin.disconnect();
  }
}

function aclsOf(user: string, prefix: string, { on, named, may }: Right): AclEntry[] {
  const { TOPIC, GROUP, TRANSACTIONAL_ID } = AclResourceTypes;
  const all = on === 'topics' ? topicSpecs(1).map(({ name }) => name) : GROUPS;
  const names = all.filter((name) => named.test(name));
  return names.flatMap((name) =>
    may.map((operation) => ({
      resourceType: { topics: TOPIC, groups: GROUP, transactions: TRANSACTIONAL_ID }[on],
      resourceName: `${prefix}${name}`,
      // A transactional id is the name of a processor with a partition behind it.
      resourcePatternType: on === 'transactions' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal: `User:${user}`,
      host: '*',
      operation: AclOperationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
}
