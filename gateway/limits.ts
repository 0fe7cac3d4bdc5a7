/** How much one request may ask for. What is refused is refused before it is executed, with one error that names the limit. */
import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Bytes of an HTTP body or a WebSocket message. */
export const MAX_MESSAGE_BYTES = 512 * 1024;
/** Lexical tokens of a document; graphql-js's parser stops beyond. */
export const MAX_TOKENS = 5_000;
/** Fields within fields. */
export const MAX_DEPTH = 12;
/** Fields at the root of an operation, aliases included. */
export const MAX_ROOT_FIELDS = 100;
/** Validation errors told at once: naming look-alikes for each of thousands is work. */
export const MAX_VALIDATION_ERRORS = 20;
/** Operations under way on one WebSocket. */
export const MAX_OPERATIONS_PER_SOCKET = 1_000;
/** Fields that an operation may resolve, as `cost.ts` estimates. */
export const MAX_COST = 100_000;

export const limitRules = [depthRule, rootFieldsRule];

export function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', http: { status: 400 } } });
}

/** Introspection is left out: graphql-js bounds its depth, and GraphiQL's own query goes deeper than ours may. */
function depthRule(context: ValidationContext): ASTVisitor {
  const ofFragment = new Map<FragmentDefinitionNode, number>();

  function depthOf(selections: SelectionSetNode): number {
    let deepest = 0;
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) {
        if (node.name.value.startsWith('__')) continue;
        deepest = Math.max(deepest, 1 + (node.selectionSet === undefined ? 0 : depthOf(node.selectionSet)));
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
      const fields = fieldsOf(node.selectionSet, context, seen);
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

function fieldsOf(selections: SelectionSetNode, context: ValidationContext, seen: Set<string>): readonly FieldNode[] {
  return selections.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    if (node.kind === Kind.INLINE_FRAGMENT) return fieldsOf(node.selectionSet, context, seen);
    // Executed once, however often it is spread in one place.
    if (seen.has(node.name.value)) return [];
    seen.add(node.name.value);
    const fragment = context.getFragment(node.name.value);
    return fragment ? fieldsOf(fragment.selectionSet, context, seen) : [];
  });
}
