/** The rows in the order of the table. */
import type { Row } from '../suite/row.ts';
import { accept } from './accept.ts';
import { decide } from './decide.ts';
import { disk } from './disk.ts';
import { embedded } from './embedded.ts';
import { fanout } from './fanout.ts';
import { gateways } from './gateways.ts';
import { growth } from './growth.ts';
import { latency } from './latency.ts';
import { load } from './load.ts';
import { loop } from './loop.ts';
import { naive } from './naive.ts';
import { peers } from './peers.ts';
import { read } from './read.ts';
import { rebuild } from './rebuild.ts';
import { restore } from './restore.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';
import { visible } from './visible.ts';

export const rows: readonly Row[] = [
  ...[accept, naive, decide, latency, visible, load, embedded, start, restore, rebuild, read],
  ...[fanout, growth, disk, peers, scale, loop, gateways],
];
