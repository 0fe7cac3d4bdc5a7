/** A listener's failure is its own: what tells it goes on, and the others must still be told. */
export function isolated(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
