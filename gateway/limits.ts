/** How much one request may ask for. What is refused is refused before it is executed, with one error that names the limit. */
import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

export const MEGABYTE = 1024 * 1024;
/** Bytes of an HTTP body or a WebSocket message. */
export const MAX_MESSAGE_BYTES = 512 * 1024;
/** Lexical tokens of a document; graphql-js's parser stops beyond. */
export const MAX_TOKENS = 5_000;
/** Fields within fields. */
export const MAX_DEPTH = 12;
/** Fields within fields of introspection; GraphiQL's own query has 14. */
const MAX_INTROSPECTION_DEPTH = 20;
/** Fields at the root of an operation, aliases included. */
export const MAX_ROOT_FIELDS = 100;
/** Commands of a mutation, those of the bulk mutation included. */
export const MAX_COMMANDS = 500;
/** Validation errors told at once: naming look-alikes for each of thousands is work. */
export const MAX_VALIDATION_ERRORS = 20;
/** Fields that one event for each subscription of a WebSocket may resolve: a change can be an event for all of them. */
const MAX_SUBSCRIBED_COST = 15_000;
/** The same of all WebSockets of a user. */
export const MAX_SUBSCRIBED_COST_OF_USER = 30_000;
/** Fields that an operation may resolve, as `cost.ts` estimates. */
export const MAX_COST = 100_000;

export const limitRules = [depthRule, rootFieldsRule];

export function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', http: { status: 400 } } });
}

/** @param why as the beginning of a sentence */
export function rateLimited(why: string, retryAfterS: number): GraphQLError {
  // Apollo takes the headers as a Map, which the type that it declares does not know.
  const extensions: Record<string, unknown> = {
    code: 'RATE_LIMITED',
    retryAfter: retryAfterS,
    http: { status: 429, headers: new Map([['retry-after', String(retryAfterS)]]) },
  };
  return new GraphQLError(`${why}: try again in ${retryAfterS} s`, { extensions });
}

/** @param cost of one event for each subscription of a WebSocket @throws {GraphQLError} `LIMIT_EXCEEDED` */
export function checkSubscribed(cost: number): void {
  if (cost <= MAX_SUBSCRIBED_COST) return;
  throw tooMuch(
    `an event for each subscription may resolve ${cost} fields; at most ${MAX_SUBSCRIBED_COST} are allowed on one WebSocket`,
  );
}

/** Introspection has a limit of its own: GraphiQL's query goes deeper than ours may. */
function depthRule(context: ValidationContext): ASTVisitor {
  let introspection = 0;
  const ofFragment = new Map<FragmentDefinitionNode, number>();

  function depthOf(selections: SelectionSetNode): number {
    let deepest = 0;
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) {
        const depth = 1 + (node.selectionSet === undefined ? 0 : depthOf(node.selectionSet));
        if (node.name.value.startsWith('__')) introspection = Math.max(introspection, depth);
        else deepest = Math.max(deepest, depth);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, depthOf(node.selectionSet));
      } else {
        const fragment = context.getFragment(node.name.value);
        if (fragment) deepest = Math.max(deepest, depthOfFragment(fragment));
      }
    }
    return deepest;
  }

  function depthOfFragment(fragment: FragmentDefinitionNode): number {
    const known = ofFragment.get(fragment);
    if (known !== undefined) return known;
    // A fragment that spreads itself is another rule's to refuse; here it must only end.
    ofFragment.set(fragment, 0);
    const depth = depthOf(fragment.selectionSet);
    ofFragment.set(fragment, depth);
    return depth;
  }

  return {
    OperationDefinition(node) {
      const depth = depthOf(node.selectionSet);
      if (introspection > MAX_INTROSPECTION_DEPTH) {
        context.reportError(
          new GraphQLError(`introspection may go at most ${MAX_INTROSPECTION_DEPTH} fields deep`, { nodes: node }),
        );
      }
      if (depth <= MAX_DEPTH) return;
      context.reportError(
        new GraphQLError(`the operation goes ${depth} fields deep; at most ${MAX_DEPTH} are allowed`, { nodes: node }),
      );
    },
  };
}

function rootFieldsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      const seen = new Set<string>();
      const fields = fieldsOf(node.selectionSet, (name) => context.getFragment(name), seen);
      if (fields.length <= MAX_ROOT_FIELDS) return;
      context.reportError(
        new GraphQLError(
          `the operation has ${fields.length} fields at its root; at most ${MAX_ROOT_FIELDS} are allowed`,
          {
            nodes: node,
          },
        ),
      );
    },
  };
}

/** The fields that an operation of a valid document has at its root, aliases included. */
export function rootFieldNodes(
  document: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
): readonly FieldNode[] {
  const fragmentNamed = (name: string) =>
    document.definitions.find(
      (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name,
    );
  return fieldsOf(selectionSet, fragmentNamed, new Set());
}

function fieldsOf(
  selections: SelectionSetNode,
  fragmentNamed: (name: string) => FragmentDefinitionNode | null | undefined,
  seen: Set<string>,
): readonly FieldNode[] {
  return selections.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    if (node.kind === Kind.INLINE_FRAGMENT) return fieldsOf(node.selectionSet, fragmentNamed, seen);
    // Executed once, however often it is spread in one place.
    if (seen.has(node.name.value)) return [];
    seen.add(node.name.value);
    const fragment = fragmentNamed(node.name.value);
    return fragment ? fieldsOf(fragment.selectionSet, fragmentNamed, seen) : [];
  });
}
