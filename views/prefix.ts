/** The one regular expression that filters know: a prefix, in the form in which MongoDB can look it up in an index. */

/** A condition that strings beginning with this text meet. Case matters: fold both sides alike. */
export function startsWith(text: string): { readonly $regex: string } {
  return { $regex: `^${text.replaceAll('\0', '').replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}` };
}

/** The text of a prefix expression. @throws {RangeError} when it is any other expression. */
export function prefixOf(regex: string): string {
  const body = regex.slice(1);
  if (!regex.startsWith('^') || /(?<!\\)(?:\\\\)*(?:[\^$.*+?()[\]{}|]|\\(?:\w|$))/u.test(body)) {
    throw new RangeError(`not a prefix expression: ${regex}`);
  }
  return body.replace(/\\(.)/gsu, '$1');
}
