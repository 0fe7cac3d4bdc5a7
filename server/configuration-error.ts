/** One line that names the variable, its value, and what it must be. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
