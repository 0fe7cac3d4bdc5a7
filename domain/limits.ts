/** Limits of quantities and lines, by themselves: who shows them needs none of the rules. */

/** Of one purchase. */
export const MAX_LINES = 500;
/** Units in all lines of a purchase together. */
export const MAX_UNITS = 50_000_000;
/** Units in one line. */
export const MAX_QUANTITY = 1_000_000;
/** Units in one delivery. */
export const MAX_STOCK = 1_000_000_000;
/** Units of a product on hand, free and reserved: the largest integer of 32 bits. */
export const MAX_ON_HAND = 2_147_483_647;
