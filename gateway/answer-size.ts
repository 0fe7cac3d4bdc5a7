/**
 * The largest answer. Cost is estimated before execution, from lists of usual length, and longer lists answer more: so what
 * is answered is counted while it is made. Beyond the limit no field is resolved any more.
 */
import { type GraphQLResolveInfo, type GraphQLSchema, isLeafType, isNonNullType, OperationTypeNode } from 'graphql';
import { tooMuch } from './limits.ts';
import { type Resolver, wrapFields } from './wrap-fields.ts';

/** Bytes of the fields of one answer, or of one event of a subscription: their names and values. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Quotes, colon and comma of a field. */
const PUNCTUATION = 5;
/** A number, `true`, `null`, the brackets of a list or an object. */
const SHORT_VALUE = 6;

/**
 * Counts in every field of the schema, which is changed in place. One answer is what is made with one context. An answer
 * that becomes too large has an error `LIMIT_EXCEEDED`, and null for what had not been resolved.
 */
export function limitAnswers(schema: GraphQLSchema, maxBytes = MAX_ANSWER_BYTES): GraphQLSchema {
  const answered = new WeakMap<object, { bytes: number }>();

  function counted(resolve: Resolver): Resolver {
    return (source, args, context, info) => {
      if (typeof context !== 'object' || context === null) return resolve(source, args, context, info);
      let answer = answered.get(context);
      if (answer === undefined) {
        answer = { bytes: 0 };
        answered.set(context, answer);
      }
      const before = answer.bytes;
      // One error is enough: each that follows it would take memory as well. Only null where there must be a value is one.
      if (before > maxBytes && !isNonNullType(info.returnType)) return null;
      answer.bytes += lengthOf(String(info.path.key)) + PUNCTUATION;
      const value: unknown = resolve(source, args, context, info);
      answer.bytes += bytesOf(value, info);
      if (answer.bytes > maxBytes) {
        const most = `${Math.floor(maxBytes / 1024 / 1024)} MB`;
        const begun = info.operation.operation === OperationTypeNode.MUTATION ? ', and what was begun goes on' : '';
        throw tooMuch(`the answer would take more than ${most}${begun}: ask for fewer at a time`);
      }
      return value;
    };
  }

  return wrapFields(schema, counted);
}

/** What is in a list or an object is counted by the fields within; a promise is a short value. */
function bytesOf(value: unknown, { returnType }: GraphQLResolveInfo): number {
  if (typeof value === 'string') return lengthOf(value);
  const isLeaf = isLeafType(isNonNullType(returnType) ? returnType.ofType : returnType);
  if (!Array.isArray(value)) {
    // A leaf that is an object is one of JSON, written as it is.
    const isJson = isLeaf && typeof value === 'object' && value !== null && !(value instanceof Promise);
    return isJson ? lengthOf(JSON.stringify(value)) : SHORT_VALUE;
  }
  return isLeaf ? lengthOf(JSON.stringify(value)) : SHORT_VALUE * (value.length + 1);
}

function lengthOf(text: string): number {
  return Buffer.byteLength(text);
}
