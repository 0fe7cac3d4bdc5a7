/**
 * The kinds of entities, each a definition: the page's one list of them. Addresses, the navigation, the cache, live changes
 * and commands are made of it. A kind's pages are in `pages/<plural>.tsx`.
 */
import type { DocumentNode, TypedDocumentNode } from '@apollo/client';
import {
  AddProductDocument,
  type AddProductMutationVariables,
  AddWebhookDocument,
  CancelPurchaseDocument,
  CustomerChangedDocument,
  CustomerDocument,
  CustomerFieldsFragmentDoc,
  DiscontinueProductDocument,
  EraseCustomerDocument,
  PlacePurchaseDocument,
  type PlacePurchaseMutationVariables,
  ProductChangedDocument,
  ProductDocument,
  ProductFieldsFragmentDoc,
  PurchaseChangedDocument,
  PurchaseDocument,
  PurchaseFieldsFragmentDoc,
  type ReceiptFieldsFragment,
  RegisterCustomerDocument,
  type RegisterCustomerMutationVariables,
  ReinstateProductDocument,
  RemoveCustomerDocument,
  RemoveWebhookDocument,
  RestockProductDocument,
  type Role,
  RotateWebhookSecretDocument,
  UpdateCustomerDocument,
  type UpdateCustomerMutationVariables,
  UpdateProductDocument,
  type UpdateProductMutationVariables,
  UpdateWebhookDocument,
  WebhookChangedDocument,
  WebhookDocument,
  WebhookFieldsFragmentDoc,
  WriteOffStockDocument,
} from '../gql/graphql';

interface CommandOfKind<TVariables = never> {
  /** Its name for people. */
  readonly title: string;
  readonly document: TypedDocumentNode<{ receipt: ReceiptFieldsFragment }, TVariables>;
  /** What its end is called; default: done. */
  readonly endTitle?: string;
  /** Rejected, it leaves no entity that could be shown. */
  readonly leavesNoneIfRejected?: true;
  /** How many steps there will be, as far as the input tells. Default: 2, accepted and completed. */
  stepsOf?(variables: TVariables): number;
  /** The entity of another kind that a field of the input names: it is where a rejection of that field leads. */
  namedBy?(field: string, variables: TVariables): EntityRef | undefined;
}

export interface EntityRef {
  /** Of the kinds below. */
  readonly kind: string;
  readonly id: string;
}

interface KindDefinition {
  /** In addresses, and what the API calls the list: `customers`. */
  readonly plural: string;
  /** In the navigation. */
  readonly title: string;
  /** Who has its list and its panels. */
  readonly listedFor: Role;
  /** Who is told of its changes: of all, or of one's own. */
  readonly toldTo: Role;
  /** Where those who have no list see their own one. */
  readonly ownPath?: string;
  /** Whether `pages/<plural>.tsx` has a `New`. */
  readonly canBeAdded: boolean;
  /** What the page keeps of each: the fragment is named `CustomerFields`. */
  readonly fields: DocumentNode;
  /** Types of the schema that are part of another object and replaced with it: the cache keeps none of them by itself. */
  readonly parts?: readonly string[];
  /** One of them by its id; its field is named `customer`. */
  readonly one: TypedDocumentNode<unknown, { id: string }>;
  /** Each as it changes; its field is named `customerChanged`. */
  readonly changed: DocumentNode;
  /** The mutations about them. The field of their input that holds the id is named `customerId`. */
  readonly commands: Readonly<Record<string, CommandOfKind>>;
}

/** A number is asked for before anything happens. */
function stepsWithNumber({ number }: { readonly number?: string | null | undefined }): number {
  return number ? 3 : 2;
}

/** By the name of their type, in the order of the navigation. */
export const kinds = {
  Purchase: {
    plural: 'purchases',
    title: 'Purchases',
    listedFor: 'CUSTOMER',
    toldTo: 'CUSTOMER',
    canBeAdded: false,
    fields: PurchaseFieldsFragmentDoc,
    parts: ['PurchaseLine', 'PurchaseGroup'],
    one: PurchaseDocument,
    changed: PurchaseChangedDocument,
    commands: {
      placePurchase: {
        title: 'Place purchase',
        document: PlacePurchaseDocument,
        endTitle: 'confirmed',
        // One for each line, and accepted, placed, customer approved, confirmed.
        stepsOf: ({ input }: PlacePurchaseMutationVariables) => input.lines.length + 4,
        namedBy(field: string, { input }: PlacePurchaseMutationVariables) {
          const line = /^lines\[(\d+)\]/.exec(field)?.[1];
          const id = line === undefined ? undefined : input.lines[Number(line)]?.productId;
          return id === undefined ? undefined : { kind: 'Product', id };
        },
      },
      cancelPurchase: { title: 'Cancel purchase', document: CancelPurchaseDocument },
    },
  },
  Customer: {
    plural: 'customers',
    title: 'Customers',
    listedFor: 'STAFF',
    toldTo: 'CUSTOMER',
    ownPath: '/account',
    canBeAdded: true,
    fields: CustomerFieldsFragmentDoc,
    one: CustomerDocument,
    changed: CustomerChangedDocument,
    commands: {
      registerCustomer: {
        title: 'Add customer',
        document: RegisterCustomerDocument,
        leavesNoneIfRejected: true,
        stepsOf: ({ input }: RegisterCustomerMutationVariables) => stepsWithNumber(input),
      },
      updateCustomer: {
        title: 'Change customer',
        document: UpdateCustomerDocument,
        stepsOf: ({ input }: UpdateCustomerMutationVariables) => stepsWithNumber(input),
      },
      removeCustomer: { title: 'Remove customer', document: RemoveCustomerDocument },
      eraseCustomer: { title: 'Erase customer', document: EraseCustomerDocument },
    },
  },
  Product: {
    plural: 'products',
    title: 'Products',
    listedFor: 'VISITOR',
    toldTo: 'VISITOR',
    canBeAdded: true,
    fields: ProductFieldsFragmentDoc,
    one: ProductDocument,
    changed: ProductChangedDocument,
    commands: {
      addProduct: {
        title: 'Add product',
        document: AddProductDocument,
        leavesNoneIfRejected: true,
        stepsOf: ({ input }: AddProductMutationVariables) => stepsWithNumber(input),
      },
      updateProduct: {
        title: 'Change product',
        document: UpdateProductDocument,
        stepsOf: ({ input }: UpdateProductMutationVariables) => stepsWithNumber(input),
      },
      restockProduct: { title: 'Restock product', document: RestockProductDocument },
      writeOffStock: { title: 'Write off stock', document: WriteOffStockDocument },
      discontinueProduct: { title: 'Discontinue product', document: DiscontinueProductDocument },
      reinstateProduct: { title: 'Reinstate product', document: ReinstateProductDocument },
    },
  },
  Webhook: {
    plural: 'webhooks',
    title: 'Webhooks',
    listedFor: 'ADMIN',
    toldTo: 'ADMIN',
    canBeAdded: true,
    fields: WebhookFieldsFragmentDoc,
    one: WebhookDocument,
    changed: WebhookChangedDocument,
    commands: {
      addWebhook: { title: 'Add webhook', document: AddWebhookDocument, leavesNoneIfRejected: true },
      updateWebhook: { title: 'Change webhook', document: UpdateWebhookDocument },
      rotateWebhookSecret: { title: 'New secret for webhook', document: RotateWebhookSecretDocument },
      removeWebhook: { title: 'Remove webhook', document: RemoveWebhookDocument },
    },
  },
} satisfies Readonly<Record<string, KindDefinition>>;

export type Kind = keyof typeof kinds;

type CommandsOf<K extends Kind> = (typeof kinds)[K]['commands'];
/** Each command with its input; those of all kinds together, for the names of no two are the same. */
type InputsOf<Commands> = {
  readonly [C in keyof Commands]: Commands[C] extends CommandOfKind<infer V>
    ? V extends { input: infer I }
      ? I
      : never
    : never;
};
type OrdersOf<Inputs> = {
  readonly [C in keyof Inputs]: { readonly command: C; readonly input: Inputs[C] };
}[keyof Inputs];

/** A command with its input; one member per command, so that each input belongs to its command. */
export type Order = { readonly [K in Kind]: OrdersOf<InputsOf<CommandsOf<K>>> }[Kind];

export const allKinds: readonly Kind[] = Object.keys(kinds) as Kind[];

export const isKind = (name: string): name is Kind => Object.hasOwn(kinds, name);

export const definitionOf = (kind: Kind): KindDefinition => kinds[kind];

/** What the API calls one of a kind, and the beginning of the names of what is about it: `customer`. */
export const singularOf = (kind: Kind): string => kind.charAt(0).toLowerCase() + kind.slice(1);

/** The kind that a command is about; undefined for a command of a newer server. */
export const kindOfCommand = (command: string): Kind | undefined =>
  allKinds.find((kind) => Object.hasOwn(kinds[kind].commands, command));

/** The mutation of a command. @throws {RangeError} for a command that this page does not have */
export function documentOf(order: Order): CommandOfKind<{ input: object }>['document'] {
  const found = commandOf(order);
  if (found === undefined) throw new RangeError(`the page has no command ${order.command}`);
  return found.document;
}

/** How many steps its transaction will have, as far as it can be known. */
export const expectedSteps = (order: Order): number => commandOf(order)?.stepsOf?.({ input: order.input }) ?? 2;

/** The entity of another kind that a field of the order's input names; undefined when it names none. */
export const entityNamedBy = (field: string, order: Order): EntityRef | undefined =>
  commandOf(order)?.namedBy?.(field, { input: order.input });

/** Which input belongs to which command is known by `Order`, and not through a look-up by name. */
function commandOf({ command }: Order): CommandOfKind<{ input: object }> | undefined {
  return commandNamed(command) as CommandOfKind<{ input: object }> | undefined;
}

/** @returns undefined for a command of a newer server */
export function commandNamed(command: string): CommandOfKind | undefined {
  const kind = kindOfCommand(command);
  return kind && definitionOf(kind).commands[command];
}
