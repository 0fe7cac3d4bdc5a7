/** Which fields of a record's data are personal, as its schema marks them, and the same data with those replaced. */
import { z } from 'zod';
import { PERSONAL_MARK } from '../domain/index.ts';

/** True: the value itself is personal. Else what is to be looked at within it, by field; undefined: nothing. */
type Plan = true | { readonly [field: string]: Plan } | undefined;

const plans = new WeakMap<z.ZodType, { readonly plan: Plan }>();

/** Whether data of this schema can hold a personal field. */
export function hasPersonal(schema: z.ZodType): boolean {
  return planOf(schema) !== undefined;
}

/** Replaces each personal text; texts that are sealed, and all else, stay as they are. `field`: its name. */
export function mapPersonal(
  schema: z.ZodType,
  data: unknown,
  replace: (text: string, field: string) => unknown,
): unknown {
  return mapped(planOf(schema), data, '', replace);
}

function planOf(schema: z.ZodType): Plan {
  const known = plans.get(schema);
  if (known !== undefined) return known.plan;
  const plan = read(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
  plans.set(schema, { plan });
  return plan;
}

/** Lists are looked through as their elements are. */
function read(json: unknown): Plan {
  const { properties, items, anyOf, ...rest } = Object(json);
  if (Reflect.get(rest, PERSONAL_MARK) === true) return true;
  const within: Record<string, Plan> = {};
  let found = false;
  const add = (plan: Plan) => {
    if (typeof plan === 'object') for (const [field, of] of Object.entries(plan)) within[field] = of;
    found ||= plan !== undefined;
    return plan === true;
  };
  for (const each of [...(Array.isArray(anyOf) ? anyOf : []), ...(items === undefined ? [] : [items])]) {
    if (add(read(each))) return true;
  }
  for (const [field, value] of Object.entries(Object(properties))) {
    const plan = read(value);
    if (plan !== undefined) add({ [field]: plan });
  }
  return found ? within : undefined;
}

function mapped(plan: Plan, data: unknown, field: string, replace: (text: string, field: string) => unknown): unknown {
  if (plan === undefined) return data;
  if (Array.isArray(data)) return data.map((each) => mapped(plan, each, field, replace));
  if (plan === true) return typeof data === 'string' ? replace(data, field) : data;
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, mapped(plan[name], value, name, replace)]),
  );
}
