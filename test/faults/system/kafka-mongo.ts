import type { FaultSeen, System } from './system.ts';
export async function startKafkaMongoSystem(_build: string, _onFault: FaultSeen): Promise<System> {
  throw new Error('not yet');
}
