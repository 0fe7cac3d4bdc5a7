/** Types and documents of the page's GraphQL operations (`web/src/gql/`), from `web/src/operations/*.graphql`. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  documents: 'web/src/operations/*.graphql',
  generates: {
    'web/src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, skipIndexFile: true },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        // A field left out may also be given as undefined: forms build inputs that way.
        inputMaybeValue: 'T | null | undefined',
        scalars: {
          ID: 'string',
          Money: 'string',
          Share: 'string',
          SafeInt: 'number',
          DateTime: 'string',
          TimeZone: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
