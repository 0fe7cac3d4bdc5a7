/** Who decides commands: each has a position of its own. */
import { aggregateNames } from '../domain/registry.ts';
import type { Decides } from '../processors/index.ts';
import { KEYS } from '../records/topics.ts';

export const deciders: readonly Decides[] = [KEYS, ...aggregateNames];
