/** What a start is told that is refused for its environment. */
import { ConfigurationError, readConfiguration } from '../server/configuration.ts';

/** The one line of the refusal. @throws {Error} when it is not refused */
export function refusalOf(env: Record<string, string>): string {
  try {
    readConfiguration(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}
