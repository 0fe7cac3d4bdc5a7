/** The rows in the order of the table. */
import type { Row } from '../suite/row.ts';
import { accept } from './accept.ts';
import { decide } from './decide.ts';
import { disk } from './disk.ts';
import { embedded } from './embedded.ts';
import { latency } from './latency.ts';
import { loop } from './loop.ts';
import { naive } from './naive.ts';
import { peers } from './peers.ts';
import { visible } from './visible.ts';

export const rows: readonly Row[] = [accept, naive, decide, latency, visible, embedded, disk, peers, loop];
