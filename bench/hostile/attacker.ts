/** The hostile client's process: so many attacks at once, each chosen at random, from `begin` to `end` on its input. */
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ATTACKS, type Target } from './attacks.ts';

export interface Orders {
  readonly target: Target;
  readonly atOnce: number;
  /** Which of the attacks. */
  readonly names: readonly string[];
}

export interface Tally {
  readonly begun: Readonly<Record<string, number>>;
  /** How many were cut off, refused a connection, or not answered. */
  readonly broken: Readonly<Record<string, number>>;
}

// It stands for machines of its own: the server's and the other client's processor time is not its to take.
setPriority(19);
const begun: Record<string, number> = {};
const broken: Record<string, number> = {};
let attacking = false;

process.on('message', (orders: Orders | 'pause' | 'tell') => {
  if (orders === 'pause') attacking = false;
  else if (orders === 'tell') process.send?.({ begun, broken } satisfies Tally);
  else {
    attacking = true;
    for (let i = 0; i < orders.atOnce; i++) void attack(orders);
  }
});
process.once('disconnect', () => process.exit());

async function attack({ target, names }: Orders): Promise<void> {
  while (attacking) {
    const name = names[Math.floor(Math.random() * names.length)] ?? '';
    begun[name] = (begun[name] ?? 0) + 1;
    await ATTACKS[name]?.(target).catch(() => {
      broken[name] = (broken[name] ?? 0) + 1;
    });
    // A turn for the sockets that were closed meanwhile.
    await pause(1);
  }
}
