/** The copy cannot be made, or is not what it should be; the message names the way out. What is copied is never changed. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}
