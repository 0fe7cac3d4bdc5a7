/** The way onto the log: personal texts of a command are sealed before it is written. */
import type { z } from 'zod';
import type { MasterKeys } from './master-keys.ts';
import { hasPersonal, mapPersonal } from './personal-fields.ts';
import { sealText } from './sealed-text.ts';
import type { SubjectKeys } from './subject-keys.ts';

export class Sealer {
  readonly #keys: Pick<SubjectKeys, 'of'>;
  readonly #secret: Buffer;

  constructor(keys: Pick<SubjectKeys, 'of'>, masters: MasterKeys) {
    this.#keys = keys;
    this.#secret = masters.secretOfHashes();
  }

  /**
   * The same data with every personal text sealed; itself where there is none.
   * @param subject the id of the entity that the data are about
   * @param mayMakeKey asked where it has no key yet; no: what is sealed can never be opened
   * @throws {LogUnavailable} when a key that is needed was not acknowledged: nothing is written then
   */
  async seal(schema: z.ZodType, subject: string, data: unknown, mayMakeKey?: () => Promise<boolean>): Promise<unknown> {
    if (!hasPersonal(schema)) return data;
    const { name, key } = await this.#keys.of(subject, mayMakeKey);
    return mapPersonal(schema, data, (text, field) => sealText(name, key, field, text));
  }

  /** With what a hash of the data is to be keyed, so that no guess can be tried against it; undefined: with nothing. */
  secretFor(schema: z.ZodType): Buffer | undefined {
    return hasPersonal(schema) ? this.#secret : undefined;
  }
}
