/** A sealed text as it stands in a record: the name of its key, a slash, and the sealed bytes. */
import { isSealed, type Sealed } from '../domain/index.ts';
import { open, seal } from './cipher.ts';

/**
 * @param field the field's own name: the text can be opened in a field of this name alone
 * @param nonce default: a random one
 */
export function sealText(keyName: string, key: Buffer, field: string, text: string, nonce?: Buffer): Sealed {
  return { sealed: `${keyName}/${seal(key, Buffer.from(text), field, nonce).toString('base64url')}` };
}

export function keyNameOf({ sealed }: Sealed): string {
  return sealed.slice(0, Math.max(sealed.indexOf('/'), 0));
}

/** Undefined: it is damaged, or was moved here from another field. */
export function openText(sealed: Sealed, key: Buffer, field: string): string | undefined {
  try {
    const bytes = Buffer.from(sealed.sealed.slice(keyNameOf(sealed).length + 1), 'base64url');
    return open(key, bytes, field).toString('utf8');
  } catch {
    return undefined;
  }
}

/** The same JSON with each sealed text in it replaced by what `replace` gives for it and the name of its field. */
export function mapSealed(json: unknown, replace: (sealed: Sealed, field: string) => unknown, field = ''): unknown {
  if (Array.isArray(json)) return json.map((each) => mapSealed(each, replace, field));
  if (typeof json !== 'object' || json === null) return json;
  if (isSealed(json)) return replace(json, field);
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, mapSealed(value, replace, name)]));
}
