/** All that the nemesis does to a system on Kafka and MongoDB; what takes several of an engine is left out where there is one. */
import { noDisksBecause } from '../system/full-disk.ts';
import type { Parts } from '../system/kafka-mongo.ts';
import type { Fault } from '../system/system.ts';
import { brokerFaults, clusterFaults } from './broker-faults.ts';
import { diskFaults } from './disk-faults.ts';
import { mongodFaults, replicaSetFaults } from './mongod-faults.ts';
import { processFaults } from './process-faults.ts';
import { rebuildFaults, versionFaults } from './upgrade-faults.ts';
import { wayFaults } from './way-faults.ts';

export function kafkaMongoFaults(parts: Parts): readonly Fault[] {
  const noDisks = noDisksBecause();
  if (noDisks !== undefined) parts.observer.note(`no full disks in this run: ${noDisks}`);
  return [
    ...processFaults(parts),
    ...wayFaults(parts),
    ...brokerFaults(parts),
    ...(parts.kafka.nodes.length > 1 ? clusterFaults(parts) : []),
    ...mongodFaults(parts),
    ...(parts.mongo.nodes.length > 1 ? replicaSetFaults(parts) : []),
    ...(noDisks === undefined ? diskFaults(parts) : []),
    ...rebuildFaults(parts),
    ...versionFaults(parts),
  ];
}
