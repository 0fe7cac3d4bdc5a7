/** The schema that is served: the SDL files of `schema/` with the resolvers. */
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { limitAnswers } from './answer-size.ts';
import { takeTurns } from './execution-turns.ts';
import { paceCommands } from './paced-commands.ts';

type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

/** Beside this folder, in the sources as in what is built from them. */
const SDL_FOLDER = new URL('../schema/', import.meta.url);

/** @throws {Error} when a resolver has no field, or an SDL file is missing or malformed. */
export function executableSchema(resolvers: Resolvers): GraphQLSchema {
  const files = readdirSync(SDL_FOLDER).filter((file) => file.endsWith('.graphql'));
  const schema = makeExecutableSchema({
    typeDefs: files.sort().map((file) => readFileSync(new URL(file, SDL_FOLDER), 'utf8')),
    resolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
  // The resolver of a scalar takes its type's place, without the description that the SDL has.
  for (const type of Object.values(schema.getTypeMap())) type.description ??= type.astNode?.description?.value;
  // Sizes first: they are counted of what resolvers yield, not of promises for its elements.
  return paceCommands(takeTurns(limitAnswers(schema)));
}
