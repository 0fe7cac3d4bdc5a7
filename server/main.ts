/** The server's entry. */
import './given.ts';

// Read by graphql-js when it is imported, which is why it is set before the rest is: without it, each comparison of types looks
// for a second copy of graphql-js, which takes an eighth of the time of a wide answer.
process.env['NODE_ENV'] ??= 'production';
await import('./run.ts');
