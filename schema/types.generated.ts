import type { GivenTime } from '../resolvers/given-time.ts';
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ProductDoc, WebhookDoc, CustomerDoc, DeliveryDoc, PurchaseDoc, PurchaseLineDoc } from '../projectors/documents.ts';
import type { TransactionRecord } from '../domain/transaction.ts';
import type { CustomerPage } from '../resolvers/customers.ts';
import type { ProductPage } from '../resolvers/products.ts';
import type { PurchasePage } from '../resolvers/purchases.ts';
import type { WebhookPage, DeliveryPage } from '../resolvers/webhooks.ts';
import type { TransactionPage } from '../resolvers/transactions.ts';
import type { ShownEvent, EventPage } from '../resolvers/shown-events.ts';
import type { PastRecord } from '../history/past-record.ts';
import type { LogPage } from '../resolvers/entity-log.ts';
import type { ToldEvent } from '../history/follow-events.ts';
import type { SystemNow, JobNow } from '../operations/console.ts';
import type { SeenProcess } from '../operations/processes.ts';
import type { Letter, DeadLetterPage, Awaited, StuckNow } from '../resolvers/console.ts';
import type { SubmitReceipt } from '../transactions/submit.ts';
import type { ViewerIdentity, Context } from '../resolvers/context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A time, ISO 8601 in UTC, such as "1996-07-04T00:00:00.000Z". As an input with any offset, or a day such as "1996-07-04"; a day that there is not, such as 30 February, is an error. */
  DateTime: { input: GivenTime; output: string; }
  /** Any value of JSON, as it is: what it holds is described where it is used. */
  JSON: { input: unknown; output: unknown; }
  /** An amount of money: a decimal string with two digits, such as "1449367.31". Every amount is in the one currency of the shop. */
  Money: { input: bigint; output: number | bigint; }
  /** A whole number of at most 2^53 - 1, written as a number in JSON: counts and versions may outgrow Int, which ends at 2^31 - 1. */
  SafeInt: { input: number; output: number; }
  /** A share of a whole, 0 to 1, with at most four digits: a decimal string such as "0.15", which is 15 %. */
  Share: { input: number; output: number; }
  /** A time zone by its IANA name, such as "Europe/Berlin" or "UTC". */
  TimeZone: { input: string; output: string; }
};

/** Staff and admins only. */
export type AddProductInput = {
  /** 1 to 64 of A-Z a-z 0-9 _ -; made for you when left out. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Not blank, at most 200 characters. */
  readonly name: Scalars['String']['input'];
  /** What the shop prints for it: 1 to 64 characters, without control characters. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** Of one unit, 0.00 to 1000000.00. */
  readonly price: Scalars['Money']['input'];
  /** Units to begin with, 0 to 1000000000. */
  readonly stock?: Scalars['Int']['input'];
};

/** Admins only. */
export type AddWebhookInput = {
  /** 1 to 64 of A-Z a-z 0-9 _ -; made for you when left out. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Not blank, at most 200 characters. */
  readonly name: Scalars['String']['input'];
  /** `whsec_` and base64 of 24 to 64 random bytes, made by you: it is sealed, and never shown again. */
  readonly secret: Scalars['String']['input'];
  /** Names of events, as `webhookEventTypes` has them; left out or none: all. */
  readonly types?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** http or https, without user, password and #fragment; at most 2,000 characters. */
  readonly url: Scalars['String']['input'];
};

/** A command that nobody has answered yet. */
export type AwaitedCommand = {
  readonly __typename?: 'AwaitedCommand';
  /** The command, and where it stands; null: the transaction's first one, which nobody has come to. */
  readonly command?: Maybe<LogRecord>;
  /** Its dead letter, where it has one that is not settled. */
  readonly deadLetter?: Maybe<DeadLetter>;
  /** Why it has not been answered, in one sentence. */
  readonly why: Scalars['String']['output'];
};

/** By a customer: its own purchases. By staff and admins: any. */
export type CancelPurchaseInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the purchase has moved on from this version. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The purchase to cancel, pending or confirmed. */
  readonly purchaseId: Scalars['ID']['input'];
};

/**
 * One command among many: exactly one of the fields is given. Each is named like the mutation that it stands for and takes that
 * mutation's input.
 */
export type CommandInput =
  /** As for the mutation `addProduct`. */
  { readonly addProduct: AddProductInput; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `addWebhook`. */
  { readonly addProduct?: never; readonly addWebhook: AddWebhookInput; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `cancelPurchase`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase: CancelPurchaseInput; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `discontinueProduct`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct: DiscontinueProductInput; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `eraseCustomer`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer: EraseCustomerInput; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `placePurchase`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase: PlacePurchaseInput; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `registerCustomer`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer: RegisterCustomerInput; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `reinstateProduct`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct: ReinstateProductInput; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `removeCustomer`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer: RemoveCustomerInput; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `removeWebhook`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook: RemoveWebhookInput; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `restockProduct`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct: RestockProductInput; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `rotateWebhookSecret`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret: RotateWebhookSecretInput; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `updateCustomer`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer: UpdateCustomerInput; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `updateProduct`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct: UpdateProductInput; readonly updateWebhook?: never; readonly writeOffStock?: never; }
  |  /** As for the mutation `updateWebhook`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook: UpdateWebhookInput; readonly writeOffStock?: never; }
  |  /** As for the mutation `writeOffStock`. */
  { readonly addProduct?: never; readonly addWebhook?: never; readonly cancelPurchase?: never; readonly discontinueProduct?: never; readonly eraseCustomer?: never; readonly placePurchase?: never; readonly registerCustomer?: never; readonly reinstateProduct?: never; readonly removeCustomer?: never; readonly removeWebhook?: never; readonly restockProduct?: never; readonly rotateWebhookSecret?: never; readonly updateCustomer?: never; readonly updateProduct?: never; readonly updateWebhook?: never; readonly writeOffStock: WriteOffStockInput; };

/** Who buys. Registered, changed and removed by its own commands; its totals follow from its purchases. */
export type Customer = {
  readonly __typename?: 'Customer';
  /** Null when there is none. */
  readonly email?: Maybe<Scalars['String']['output']>;
  /** Whether names and e-mail were erased: they are gone for ever, and empty here. */
  readonly erased: Scalars['Boolean']['output'];
  /** The given name; empty where there is none, as for a single-word name. */
  readonly firstName: Scalars['String']['output'];
  /** What happened to the customer, the first first: staff and admins see all of it, customers what changed their own. */
  readonly history: EntityEventConnection;
  /** Chosen when it was registered, and never changed. */
  readonly id: Scalars['ID']['output'];
  /** The family name. */
  readonly lastName: Scalars['String']['output'];
  /** When the latest confirmed purchase was placed. */
  readonly lastPurchaseAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the shop prints for it, such as a customer number. */
  readonly number?: Maybe<Scalars['String']['output']>;
  /** Confirmed purchases. */
  readonly purchaseCount: Scalars['SafeInt']['output'];
  /** The customer's purchases, of any status. */
  readonly purchases: PurchaseConnection;
  /** Whether it was removed: its purchases stay, and new ones are rejected with CUSTOMER_REMOVED. */
  readonly removed: Scalars['Boolean']['output'];
  /** Sum of the totals of the confirmed purchases. */
  readonly totalSpent: Scalars['Money']['output'];
  /** The user that the customer belongs to: the `sub` of its tokens. */
  readonly userId?: Maybe<Scalars['ID']['output']>;
  /** Grows by one with every change of the customer itself; totals do not count. */
  readonly version: Scalars['SafeInt']['output'];
};


/** Who buys. Registered, changed and removed by its own commands; its totals follow from its purchases. */
export type CustomerHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  order?: InputMaybe<SortDirection>;
};


/** Who buys. Registered, changed and removed by its own commands; its totals follow from its purchases. */
export type CustomerPurchasesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<PurchaseFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  sort?: InputMaybe<PurchaseSort>;
};

/** A page of the list of customers. */
export type CustomerConnection = {
  readonly __typename?: 'CustomerConnection';
  /** The page's customers, each with its cursor. */
  readonly edges: ReadonlyArray<CustomerEdge>;
  /** The page's customers. */
  readonly nodes: ReadonlyArray<Customer>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all that match the filter. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One customer on a page of the list. */
export type CustomerEdge = {
  readonly __typename?: 'CustomerEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The customer itself. */
  readonly node: Customer;
};

/** Which customers a list shows; what is left out does not narrow it. */
export type CustomerFilter = {
  /** The customer that has exactly this number; of those that are removed there may be more. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** Default: false, removed customers are left out. null: both. */
  readonly removed?: InputMaybe<Scalars['Boolean']['input']>;
  /** Words; each must be the beginning of a word of the customer's names, e-mail or number, whatever its case and accents. Symbols alone find nothing. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** By the sum of the totals of the confirmed purchases. */
  readonly totalSpentBetween?: InputMaybe<MoneyRange>;
};

/** The order of a list of customers; equal ones are in order of their ids. */
export type CustomerSort = {
  /** What they are ordered by. */
  readonly by?: CustomerSortField;
  /** In which direction. */
  readonly direction?: SortDirection;
};

/** What customers can be ordered by. */
export type CustomerSortField =
  /** By what never changes: to read the whole list, each customer once, whatever is renamed meanwhile. */
  | 'ID'
  /** By when the latest confirmed purchase was placed. */
  | 'LAST_PURCHASE_AT'
  /** By last name, then first name. */
  | 'NAME'
  /** By the number of confirmed purchases. */
  | 'PURCHASE_COUNT'
  /** By the sum of the totals of the confirmed purchases. */
  | 'TOTAL_SPENT';

/** Both ends belong to the range; either may be left out. A day belongs to it as a whole: `to: "1996-07-31"` includes all of that day. */
export type DateTimeRange = {
  /** The earliest time; left out: from the beginning. */
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Whose days are meant, where an end is a day. Default: that of the groups where there are such, else UTC. */
  readonly timeZone?: InputMaybe<Scalars['TimeZone']['input']>;
  /** The latest time; left out: without an end. */
  readonly to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A record that no processor could read, set aside with the reason. It still stands where it stood. */
export type DeadLetter = {
  readonly __typename?: 'DeadLetter';
  /** When it was set aside. */
  readonly at: Scalars['DateTime']['output'];
  /** Whether the transaction that it began has ended with it, as `UNREADABLE`. Then it can only be dropped. */
  readonly ended: Scalars['Boolean']['output'];
  /** The key of the record, an entity's id. */
  readonly entityId?: Maybe<Scalars['String']['output']>;
  /** The record's headers. */
  readonly headers: Scalars['JSON']['output'];
  /** `<partition>/<offset>`: which record of the topic it is. */
  readonly key: Scalars['ID']['output'];
  /** Its place in the partition. */
  readonly offset: Scalars['SafeInt']['output'];
  /** The partition of the topic. */
  readonly partition: Scalars['Int']['output'];
  /** Why it could not be read. */
  readonly reason: Scalars['String']['output'];
  /** The size of the whole value, in bytes. */
  readonly size: Scalars['SafeInt']['output'];
  /** That transaction, if it waits for this record; null when it has ended, or there is none. */
  readonly stalls?: Maybe<Transaction>;
  /** The topic that the record stands on. */
  readonly topic: Scalars['String']['output'];
  /** The transaction that it says it belongs to. */
  readonly transactionId?: Maybe<Scalars['ID']['output']>;
  /** What it says that it is, such as `reserveStock`; null where it says nothing. */
  readonly type?: Maybe<Scalars['String']['output']>;
  /** The record's value as text, its first 16 KiB; null: it had none. */
  readonly value?: Maybe<Scalars['String']['output']>;
};

/** A page of dead letters, the newest first. */
export type DeadLetterConnection = {
  readonly __typename?: 'DeadLetterConnection';
  /** The page's letters, each with its cursor. */
  readonly edges: ReadonlyArray<DeadLetterEdge>;
  /** The page's letters. */
  readonly nodes: ReadonlyArray<DeadLetter>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all. Of more than 10,000 the oldest are counted, and listed by `counterfoil dead` alone. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One dead letter on a page of them. */
export type DeadLetterEdge = {
  readonly __typename?: 'DeadLetterEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The letter itself. */
  readonly node: DeadLetter;
};

/** Admins only. */
export type DeliveriesInput = {
  /** The delivery, by its id. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** In place of `id`: all deliveries of this webhook that are pending or failed. */
  readonly webhookId?: InputMaybe<Scalars['ID']['input']>;
};

/** An event on its way to a webhook. Of those that are settled, the newest are kept: docs/webhooks.md. */
export type Delivery = {
  readonly __typename?: 'Delivery';
  /** Which kind of entity the event is about: `products`. */
  readonly aggregate: Scalars['String']['output'];
  /** How often it was tried. */
  readonly attempts: Scalars['Int']['output'];
  /** The id of the entity. */
  readonly entityId: Scalars['ID']['output'];
  /** What was wrong with the last attempt; null: nothing. */
  readonly error?: Maybe<Scalars['String']['output']>;
  /** When the event happened. */
  readonly eventAt: Scalars['DateTime']['output'];
  /** The event's id, which the receiver gets as `webhook-id`: the same at every attempt. */
  readonly eventId: Scalars['String']['output'];
  /** Names the webhook, and where the event stands on the log. */
  readonly id: Scalars['ID']['output'];
  /** When the last attempt ended. */
  readonly lastAttemptAt?: Maybe<Scalars['DateTime']['output']>;
  /** When it is sent next, while it waits for that; null: now, or never. */
  readonly nextAttemptAt?: Maybe<Scalars['DateTime']['output']>;
  /** How it stands. */
  readonly status: DeliveryStatus;
  /** The HTTP status of the last attempt; null: there was no answer, or no attempt yet. */
  readonly statusCode?: Maybe<Scalars['Int']['output']>;
  /** The event's name. */
  readonly type: Scalars['String']['output'];
  /** The webhook that it is for. */
  readonly webhookId: Scalars['ID']['output'];
};

/** A page of the list of deliveries. */
export type DeliveryConnection = {
  readonly __typename?: 'DeliveryConnection';
  /** The page's deliveries, each with its cursor. */
  readonly edges: ReadonlyArray<DeliveryEdge>;
  /** The page's deliveries. */
  readonly nodes: ReadonlyArray<Delivery>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all that match the filter. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One delivery on a page of the list. */
export type DeliveryEdge = {
  readonly __typename?: 'DeliveryEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The delivery itself. */
  readonly node: Delivery;
};

/** Which deliveries a list shows; what is left out does not narrow it. */
export type DeliveryFilter = {
  /** Of events of the entity with this id. */
  readonly entityId?: InputMaybe<Scalars['ID']['input']>;
  /** In one of these statuses. */
  readonly status?: InputMaybe<ReadonlyArray<DeliveryStatus>>;
  /** Of this webhook. */
  readonly webhookId?: InputMaybe<Scalars['ID']['input']>;
};

/** What was asked is on the log: it is done soon, and shows on the deliveries. */
export type DeliveryReceipt = {
  readonly __typename?: 'DeliveryReceipt';
  /** When the log had it. */
  readonly acceptedAt: Scalars['DateTime']['output'];
  /** The delivery that it is about; null: all of the webhook. */
  readonly id?: Maybe<Scalars['ID']['output']>;
  /** The webhook. */
  readonly webhookId: Scalars['ID']['output'];
};

/** How a delivery stands. */
export type DeliveryStatus =
  /** The receiver took it: it answered with a status of 200 to 299. */
  | 'DELIVERED'
  /** An admin dropped it: it is never sent. */
  | 'DROPPED'
  /** Given up: it waits for an admin, and later events of the same entity wait behind it. */
  | 'FAILED'
  /** To be sent, perhaps again. */
  | 'PENDING';

/** Staff and admins only. */
export type DiscontinueProductInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the product has moved on from this version, as it does with each sale. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The product that is no longer sold. */
  readonly productId: Scalars['ID']['input'];
};

/** What a transaction is about: each aggregate adds its own type. */
export type Entity = Customer | Product | Purchase | Webhook;

/** Something that happened to an entity, as it stands on the log; docs/topics.md has them all. */
export type EntityEvent = {
  readonly __typename?: 'EntityEvent';
  /** The aggregate of the entity: `purchases`, `products`, `customers`. */
  readonly aggregate: Scalars['String']['output'];
  /** When the command was written that it answers. */
  readonly at: Scalars['DateTime']['output'];
  /** The id of the command that it answers. For customers: null where it is another's. */
  readonly causedBy?: Maybe<Scalars['ID']['output']>;
  /** What it holds, in the newest shape: amounts in cents, shares in ten-thousandths. For customers without who else was part in it. Null where it cannot be read. */
  readonly data?: Maybe<Scalars['JSON']['output']>;
  /** The entity that it happened to. */
  readonly entityId: Scalars['ID']['output'];
  /** Its own id; no other event has it. */
  readonly id: Scalars['ID']['output'];
  /** The user whose mutation led to it. For customers: null where it is another's. */
  readonly issuedBy?: Maybe<Scalars['ID']['output']>;
  /** The transaction that it belongs to. For customers: null where it is another's. */
  readonly transactionId?: Maybe<Scalars['ID']['output']>;
  /** What happened, such as `PurchaseConfirmed`; `CommandRejected` for what was asked for and rejected. */
  readonly type: Scalars['String']['output'];
  /** Why it cannot be read; null where it can. */
  readonly unreadable?: Maybe<Scalars['String']['output']>;
  /** The entity's version after it; null when it changed nothing, as a rejection. */
  readonly version?: Maybe<Scalars['SafeInt']['output']>;
};

/** A page of what happened to an entity. */
export type EntityEventConnection = {
  readonly __typename?: 'EntityEventConnection';
  /** The page's events, each with its cursor. */
  readonly edges: ReadonlyArray<EntityEventEdge>;
  /** The page's events. */
  readonly nodes: ReadonlyArray<EntityEvent>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all, as far as they are the viewer's to see. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One event on a page of a history. */
export type EntityEventEdge = {
  readonly __typename?: 'EntityEventEdge';
  /** Where it stands in the history, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The event itself. */
  readonly node: EntityEvent;
};

/**
 * By admins. A removed customer without pending purchases: its names and e-mail are made unreadable for ever, on the log, in the
 * views and in every copy of them; its purchases and all totals stay.
 */
export type EraseCustomerInput = {
  /** The customer to erase. */
  readonly customerId: Scalars['ID']['input'];
  /** Also where older records of it were written without a master key, and stay readable on the log. */
  readonly evenIfReadable?: InputMaybe<Scalars['Boolean']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** An event as it comes, and where to go on behind it. */
export type EventNews = {
  readonly __typename?: 'EventNews';
  /** For `after`, to go on behind this event without a gap or a repetition, however long ago it was told. */
  readonly cursor: Scalars['String']['output'];
  /** The event itself. */
  readonly event: EntityEvent;
};

/** Whether a process is heard of. */
export type Hearing =
  /** It has told nothing for ten seconds, though others have: it was killed, or is cut off. It is shown for an hour. */
  | 'GONE'
  /** It has told how it is within the last seconds. */
  | 'HEARD'
  /** Nothing is heard of it, nor of the gateway that answers: the log is out of reach. */
  | 'SILENT';

/** Work in the background, started from the console. One runs at a time, in whichever process. */
export type Job = {
  readonly __typename?: 'Job';
  /** How much has been read, of `total`. */
  readonly done: Scalars['SafeInt']['output'];
  /** When it ended; null while it runs. */
  readonly finishedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What is done. */
  readonly kind: JobKind;
  /** What is being read: `events`, `views`, `commands`. */
  readonly phase: Scalars['String']['output'];
  /** The process that does it. */
  readonly processId: Scalars['ID']['output'];
  /** What came of it, line by line, cut in the middle when it is long: each difference by its place and id, then the sum. */
  readonly result: ReadonlyArray<Scalars['String']['output']>;
  /** When it was started. */
  readonly startedAt: Scalars['DateTime']['output'];
  /** How it goes. */
  readonly state: JobState;
  /** How much there is to read; it may grow. */
  readonly total: Scalars['SafeInt']['output'];
};

/** What can be started from the console. */
export type JobKind =
  /** The views are built anew from the log: `counterfoil rebuild`. */
  | 'REBUILD'
  /** Events are folded again and compared with states and views: `counterfoil verify`. */
  | 'VERIFY';

/** How it goes with a job. */
export type JobState =
  /** It came to its end, and found differences, or could not compare everything: the result tells. */
  | 'DIFFERS'
  /** It came to its end, and all is well. */
  | 'DONE'
  /** It did not get to its end: the result tells why. */
  | 'FAILED'
  /** It is under way. */
  | 'RUNNING';

/** A record of the log, and where it stands. */
export type LogRecord = {
  readonly __typename?: 'LogRecord';
  /** The aggregate whose topic it stands on. */
  readonly aggregate: Scalars['String']['output'];
  /** When it was written, for an event: when the command was written that it answers. */
  readonly at: Scalars['DateTime']['output'];
  /** The id of the command that caused it; null for a user's own. */
  readonly causedBy?: Maybe<Scalars['ID']['output']>;
  /** What it holds, in the newest shape: amounts in cents, shares in ten-thousandths. Null where it cannot be read. */
  readonly data?: Maybe<Scalars['JSON']['output']>;
  /** The entity that it is about. */
  readonly entityId: Scalars['ID']['output'];
  /** Its own id; a user's command has that of its transaction. */
  readonly id: Scalars['ID']['output'];
  /** The user whose mutation led to it. */
  readonly issuedBy?: Maybe<Scalars['ID']['output']>;
  /** Whether something was asked for, or decided. */
  readonly kind: LogRecordKind;
  /** Its place in the partition. */
  readonly offset: Scalars['SafeInt']['output'];
  /** The partition of the topic. */
  readonly partition: Scalars['Int']['output'];
  /** The state that an event brought the entity to, folded from its events; null for all else. */
  readonly state?: Maybe<Scalars['JSON']['output']>;
  /** The topic that it stands on. */
  readonly topic: Scalars['String']['output'];
  /** The transaction that it belongs to. */
  readonly transactionId?: Maybe<Scalars['ID']['output']>;
  /** The name of the command or the event. */
  readonly type: Scalars['String']['output'];
  /** Why it cannot be read; null where it can. */
  readonly unreadable?: Maybe<Scalars['String']['output']>;
  /** The entity's version after an event; null when it changed nothing. */
  readonly version?: Maybe<Scalars['SafeInt']['output']>;
};

/** A page of the log behind an entity or a transaction. */
export type LogRecordConnection = {
  readonly __typename?: 'LogRecordConnection';
  /** The page's records, each with its cursor. */
  readonly edges: ReadonlyArray<LogRecordEdge>;
  /** The page's records. */
  readonly nodes: ReadonlyArray<LogRecord>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One record on a page of the log. */
export type LogRecordEdge = {
  readonly __typename?: 'LogRecordEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The record itself. */
  readonly node: LogRecord;
};

/** What a record of the log is. */
export type LogRecordKind =
  /** Something was asked for, by a user or by another aggregate. */
  | 'COMMAND'
  /** Something was decided. */
  | 'EVENT';

/** Both ends belong to the range; either may be left out. */
export type MoneyRange = {
  /** The least amount; left out: any. */
  readonly from?: InputMaybe<Scalars['Money']['input']>;
  /** The largest amount; left out: any. */
  readonly to?: InputMaybe<Scalars['Money']['input']>;
};

/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Adds a product. Rejected with ALREADY_EXISTS when the id is taken. Staff and admins only. */
  readonly addProduct: Receipt;
  /** Adds a webhook: it gets the events from now on. Rejected with ALREADY_EXISTS when the id is taken. For admins. */
  readonly addWebhook: Receipt;
  /** Takes a pending or confirmed purchase back, and gives its stock back. Rejected with NOT_FOUND, NOT_CANCELLABLE or VERSION_CONFLICT. */
  readonly cancelPurchase: Receipt;
  /** Takes a product out of sale. Rejected with NOT_FOUND, VERSION_CONFLICT or ALREADY_DISCONTINUED. Staff and admins only. */
  readonly discontinueProduct: Receipt;
  /** Takes a dead letter off the list. Its record stays where it stands, and is not read again. Admins only. */
  readonly dropDeadLetter: DeadLetter;
  /** Has a delivery that is pending or failed never sent: later events of its entity go on. For admins. */
  readonly dropDelivery: DeliveryReceipt;
  /**
   * Makes the names and the e-mail of a removed customer unreadable for ever. Refused while any of its purchases is pending, and with
   * the code ERASURE_OFF where the system runs without a master key. Rejected with CUSTOMER_READABLE where older records of it are
   * not sealed. Admins only.
   */
  readonly eraseCustomer: Receipt;
  /** Loads Northwind's customers, products and orders, in the server; a second run changes nothing. Admins only. */
  readonly loadSamples: SampleImport;
  /** Buys: all of its lines or none. Rejected with ALREADY_EXISTS, CUSTOMER_NOT_FOUND, CUSTOMER_REMOVED, PRODUCT_NOT_FOUND, DISCONTINUED, INSUFFICIENT_STOCK or TIMED_OUT; `rejection.field` names the line. */
  readonly placePurchase: Receipt;
  /** Adds a customer. Rejected with ALREADY_EXISTS when the id is taken. */
  readonly registerCustomer: Receipt;
  /** Puts a discontinued product on sale again. Rejected with NOT_FOUND, VERSION_CONFLICT or NOT_DISCONTINUED. Staff and admins only. */
  readonly reinstateProduct: Receipt;
  /** Removes a customer for good; its purchases stay. Rejected like a change. */
  readonly removeCustomer: Receipt;
  /** Removes a webhook for good: what was not delivered never is. Rejected with NOT_FOUND or VERSION_CONFLICT. For admins. */
  readonly removeWebhook: Receipt;
  /** Adds units to the stock. Rejected with NOT_FOUND, VERSION_CONFLICT or STOCK_TOO_LARGE. Staff and admins only. */
  readonly restockProduct: Receipt;
  /** Puts the record of a dead letter back on its topic, unchanged, to be read again. Admins only. */
  readonly retryDeadLetter: DeadLetter;
  /** Has a delivery that is pending or failed sent now, with all attempts anew. For admins. */
  readonly retryDelivery: DeliveryReceipt;
  /** Gives a webhook another secret; the one before signs beside it for a day. Rejected with NOT_FOUND or VERSION_CONFLICT. For admins. */
  readonly rotateWebhookSecret: Receipt;
  /** Begins to rebuild the views in the background, as `counterfoil rebuild`. Shared ones are built beside those that are served; embedded ones cannot be read meanwhile. JOB_UNDER_WAY while another job is. Admins only. */
  readonly startRebuild: System;
  /** Begins to verify the books in the background, as `counterfoil verify`; JOB_UNDER_WAY while another job is. Admins only. */
  readonly startVerify: System;
  /**
   * Many commands in one request, at most 500, of any kinds. Each is what its own mutation would be, with the same rights, limits and
   * idempotency, and has its own receipt. One that is refused is null in the list, with an error whose `path` ends with its index; the
   * others go on. Commands for one entity are decided in the order in which they stand.
   */
  readonly submitCommands: ReadonlyArray<Maybe<Receipt>>;
  /** Changes a customer. Rejected with CUSTOMER_REMOVED or VERSION_CONFLICT, and NOT_FOUND when there is none of this id. */
  readonly updateCustomer: Receipt;
  /** Changes name or price. Rejected with NOT_FOUND or VERSION_CONFLICT. Staff and admins only. */
  readonly updateProduct: Receipt;
  /** Changes a webhook. Rejected with NOT_FOUND or VERSION_CONFLICT. For admins. */
  readonly updateWebhook: Receipt;
  /** Takes units out of the stock that are lost or were never there. Rejected with NOT_FOUND, VERSION_CONFLICT, or INSUFFICIENT_STOCK when fewer are free. Staff and admins only. */
  readonly writeOffStock: Receipt;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationAddProductArgs = {
  input: AddProductInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationAddWebhookArgs = {
  input: AddWebhookInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationCancelPurchaseArgs = {
  input: CancelPurchaseInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationDiscontinueProductArgs = {
  input: DiscontinueProductInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationDropDeadLetterArgs = {
  key: Scalars['ID']['input'];
  topic: Scalars['String']['input'];
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationDropDeliveryArgs = {
  input: DeliveriesInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationEraseCustomerArgs = {
  input: EraseCustomerInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationPlacePurchaseArgs = {
  input: PlacePurchaseInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRegisterCustomerArgs = {
  input: RegisterCustomerInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationReinstateProductArgs = {
  input: ReinstateProductInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRemoveCustomerArgs = {
  input: RemoveCustomerInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRemoveWebhookArgs = {
  input: RemoveWebhookInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRestockProductArgs = {
  input: RestockProductInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRetryDeadLetterArgs = {
  key: Scalars['ID']['input'];
  topic: Scalars['String']['input'];
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRetryDeliveryArgs = {
  input: DeliveriesInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationRotateWebhookSecretArgs = {
  input: RotateWebhookSecretInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationStartRebuildArgs = {
  acceptUnreadable?: InputMaybe<Scalars['Boolean']['input']>;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationStartVerifyArgs = {
  decide?: InputMaybe<Scalars['Boolean']['input']>;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationSubmitCommandsArgs = {
  commands: ReadonlyArray<CommandInput>;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationUpdateCustomerArgs = {
  input: UpdateCustomerInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationUpdateProductArgs = {
  input: UpdateProductInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationUpdateWebhookArgs = {
  input: UpdateWebhookInput;
};


/** What can be done. Each answers with a receipt once its command is in the log; the transaction tells what became of it. */
export type MutationWriteOffStockArgs = {
  input: WriteOffStockInput;
};

/** Where a page of a list begins and ends. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the last on this page, for `after`; null when the page is empty. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there is more behind this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether this page was asked for with `after`. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first on this page; null when the page is empty. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** How far a part is in one partition of a topic. */
export type PartitionLag = {
  readonly __typename?: 'PartitionLag';
  /** The partition of the topic. */
  readonly partition: Scalars['Int']['output'];
  /** Records that it has not handled yet. */
  readonly records: Scalars['SafeInt']['output'];
  /** How much of what it restores has been read, from 0 to 1; null for a part that restores nothing. */
  readonly restored?: Maybe<Scalars['Float']['output']>;
  /** The age of the oldest of them in seconds, as far as it is known; for those that wait, since they have been seen to. */
  readonly seconds: Scalars['Float']['output'];
  /** `restoring`, `running` or `trouble`. */
  readonly state: Scalars['String']['output'];
  /** The topic. */
  readonly topic: Scalars['String']['output'];
};

/** By a customer: for itself. By staff and admins: for anyone. */
export type PlacePurchaseInput = {
  /** By a customer: its own. */
  readonly customerId: Scalars['ID']['input'];
  /** 1 to 64 of A-Z a-z 0-9 _ -; made for you when left out. Staff and admins only. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 500 lines, each of another product, with at most 50000000 units in all. */
  readonly lines: ReadonlyArray<PurchaseLineInput>;
  /** What the shop prints for it: 1 to 64 characters, without control characters. Staff and admins only. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** Business time, in the past; admins only, for imports. A day means its beginning in UTC. Default: now. */
  readonly placedAt?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A process of the system, as it told of itself. */
export type Process = {
  readonly __typename?: 'Process';
  /** When it told this, by its own clock. */
  readonly at: Scalars['DateTime']['output'];
  /** Whether it is heard of. */
  readonly hearing: Hearing;
  /** The machine that it runs on. */
  readonly host: Scalars['String']['output'];
  /** Its own id, another one after each start. */
  readonly id: Scalars['ID']['output'];
  /** The longest that its event loop was held up within the last seconds, in milliseconds. */
  readonly loopDelayMs: Scalars['Float']['output'];
  /** Its resident memory, in bytes. */
  readonly memoryBytes: Scalars['SafeInt']['output'];
  /** What it runs, and how that is: as its `/readyz` tells. */
  readonly parts: ReadonlyArray<ProcessPart>;
  /** Its number on that machine. */
  readonly pid: Scalars['Int']['output'];
  /** What it does: `gateway`, `processor`, `projector`. */
  readonly roles: ReadonlyArray<Scalars['String']['output']>;
  /** When it was started, by its own clock. */
  readonly startedAt: Scalars['DateTime']['output'];
  /** The version of Counterfoil that it runs. */
  readonly version: Scalars['String']['output'];
};

/** Something that a process runs: `log` and `views`, which it needs, and `processor products`, `projector`, `transactions` … */
export type ProcessPart = {
  readonly __typename?: 'ProcessPart';
  /** What it waits for, or what is wrong; null when there is nothing to tell. */
  readonly detail?: Maybe<Scalars['String']['output']>;
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** How far it is in each partition that it has. */
  readonly partitions: ReadonlyArray<PartitionLag>;
  /** Whether it does what it is for. */
  readonly ready: Scalars['Boolean']['output'];
  /** In a word: `opening`, `starting`, `restoring`, `catching up`, `rebuilding`, `running`, `trouble`, `stopped`. */
  readonly state: Scalars['String']['output'];
};

/** What can be bought, and its stock. */
export type Product = {
  readonly __typename?: 'Product';
  /** Different customers with a confirmed purchase. */
  readonly customerCount?: Maybe<Scalars['SafeInt']['output']>;
  /** Whether it is not sold, until it is reinstated: purchases of it are rejected with DISCONTINUED. */
  readonly discontinued: Scalars['Boolean']['output'];
  /** What happened to the product, the first first: staff and admins only. */
  readonly history: EntityEventConnection;
  /** Chosen when it was added, and never changed. */
  readonly id: Scalars['ID']['output'];
  /** What it is called in the shop. */
  readonly name: Scalars['String']['output'];
  /** What the shop prints for it, such as an article number. */
  readonly number?: Maybe<Scalars['String']['output']>;
  /** The price of one unit; a purchase keeps the price at which its stock was reserved. */
  readonly price: Scalars['Money']['output'];
  /** Confirmed purchases. This and the three below: for staff and admins, null to others. */
  readonly purchaseCount?: Maybe<Scalars['SafeInt']['output']>;
  /** The purchases that hold this product: for staff and admins. */
  readonly purchases: PurchaseConnection;
  /** Units that it has ever had, without those written off: free, reserved and sold. For staff and admins, null to others. */
  readonly received?: Maybe<Scalars['SafeInt']['output']>;
  /** Units held for purchases that are under way. */
  readonly reserved: Scalars['SafeInt']['output'];
  /** Quantity × unit price over the confirmed purchases. */
  readonly revenue?: Maybe<Scalars['Money']['output']>;
  /** Units free to be bought. */
  readonly stock: Scalars['SafeInt']['output'];
  /** Units in confirmed purchases. */
  readonly unitsSold?: Maybe<Scalars['SafeInt']['output']>;
  /** Grows by one with every change of the product itself, reservations and sales included; totals do not count. */
  readonly version: Scalars['SafeInt']['output'];
};


/** What can be bought, and its stock. */
export type ProductHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  order?: InputMaybe<SortDirection>;
};


/** What can be bought, and its stock. */
export type ProductPurchasesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<PurchaseFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  sort?: InputMaybe<PurchaseSort>;
};

/** A page of the list of products. */
export type ProductConnection = {
  readonly __typename?: 'ProductConnection';
  /** The page's products, each with its cursor. */
  readonly edges: ReadonlyArray<ProductEdge>;
  /** The page's products. */
  readonly nodes: ReadonlyArray<Product>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all that match the filter. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One product on a page of the list. */
export type ProductEdge = {
  readonly __typename?: 'ProductEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The product itself. */
  readonly node: Product;
};

/** Which products a list shows; what is left out does not narrow it. */
export type ProductFilter = {
  /** true or false to see only those; left out or null: both. */
  readonly discontinued?: InputMaybe<Scalars['Boolean']['input']>;
  /** true: only products with free stock; false: only those without. */
  readonly inStock?: InputMaybe<Scalars['Boolean']['input']>;
  /** The product that has exactly this number. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** By the price of one unit. */
  readonly priceBetween?: InputMaybe<MoneyRange>;
  /** Words; each must be the beginning of a word of the product's name or number, whatever its case and accents. Symbols alone find nothing. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
};

/** The order of a list of products; equal ones are in order of their ids. */
export type ProductSort = {
  /** What they are ordered by. */
  readonly by?: ProductSortField;
  /** In which direction. */
  readonly direction?: SortDirection;
};

/** What products can be ordered by. By what is for staff and admins, only they can sort. */
export type ProductSortField =
  /** By the number of different customers. Staff and admins only. */
  | 'CUSTOMER_COUNT'
  /** By what never changes: to read the whole list, each product once, whatever is renamed meanwhile. */
  | 'ID'
  /** By name. */
  | 'NAME'
  /** By the price of one unit. */
  | 'PRICE'
  /** By the number of confirmed purchases. Staff and admins only. */
  | 'PURCHASE_COUNT'
  /** By what was earned with it. Staff and admins only. */
  | 'REVENUE'
  /** By the units free to be bought. */
  | 'STOCK'
  /** By the units in confirmed purchases. Staff and admins only. */
  | 'UNITS_SOLD';

/** What a customer bought or is about to buy: its products are asked for stock, and its customer for approval. */
export type Purchase = {
  readonly __typename?: 'Purchase';
  /** Null unless it was cancelled. */
  readonly cancelledAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the last answer had come; null before, and when it was rejected. */
  readonly confirmedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Who buys, as it is now. */
  readonly customer: Customer;
  /** What happened to the purchase, the first first: staff and admins see all of it, customers what changed their own. */
  readonly history: EntityEventConnection;
  /** Chosen when it was placed, and never changed. */
  readonly id: Scalars['ID']['output'];
  /** What is bought, one line for each product, in the order in which they were given. */
  readonly lines: ReadonlyArray<PurchaseLine>;
  /** What the shop prints for it, such as an order number. */
  readonly number?: Maybe<Scalars['String']['output']>;
  /** Business time: when it was bought, which for imported purchases is long ago. */
  readonly placedAt: Scalars['DateTime']['output'];
  /** Why it was rejected; null unless it was. */
  readonly rejection?: Maybe<Rejection>;
  /** Where it is on its way. */
  readonly status: PurchaseStatus;
  /** Sum of the lines reserved so far; final once confirmed. 0.00 of one that was rejected, or cancelled before it was confirmed: nothing was bought. */
  readonly total: Scalars['Money']['output'];
  /** Grows by one with every step of the purchase. */
  readonly version: Scalars['SafeInt']['output'];
};


/** What a customer bought or is about to buy: its products are asked for stock, and its customer for approval. */
export type PurchaseHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  order?: InputMaybe<SortDirection>;
};

/** A page of the list of purchases. */
export type PurchaseConnection = {
  readonly __typename?: 'PurchaseConnection';
  /** The page's purchases, each with its cursor. */
  readonly edges: ReadonlyArray<PurchaseEdge>;
  /** The page's purchases. */
  readonly nodes: ReadonlyArray<Purchase>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** Sum of `total` over all that match the filter. */
  readonly totalAmount: Scalars['Money']['output'];
  /** How many match the filter. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One purchase on a page of the list. */
export type PurchaseEdge = {
  readonly __typename?: 'PurchaseEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The purchase itself. */
  readonly node: Purchase;
};

/** Which purchases a list shows; what is left out does not narrow it, and what is given must hold together. */
export type PurchaseFilter = {
  /** Those of one customer. */
  readonly customerId?: InputMaybe<Scalars['ID']['input']>;
  /** The purchase that has exactly this number; of those that are rejected or cancelled there may be more. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** By business time. */
  readonly placedBetween?: InputMaybe<DateTimeRange>;
  /** Those with a line of this product. */
  readonly productId?: InputMaybe<Scalars['ID']['input']>;
  /** Those rejected with any of these codes. */
  readonly rejection?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Those of any of these statuses. */
  readonly status?: InputMaybe<ReadonlyArray<PurchaseStatus>>;
  /** Words; each must be the beginning of a word of the number, or of the customer's or a product's name, whatever its case and accents. Symbols alone find nothing. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** By the total of the purchase. */
  readonly totalBetween?: InputMaybe<MoneyRange>;
};

/** Purchases added up over a span of time, or by what they were rejected for. */
export type PurchaseGroup = {
  readonly __typename?: 'PurchaseGroup';
  /** Sum of their totals. */
  readonly amount: Scalars['Money']['output'];
  /** How many purchases. */
  readonly count: Scalars['SafeInt']['output'];
  /** The span's beginning, as much of it as names it: `1996-07-04` for a day, `1996-07` for a month; or the status, or the rejection's code. */
  readonly key: Scalars['String']['output'];
};

/** What purchases are grouped by. */
export type PurchaseGrouping =
  /** By business time: the key is `1996-07-04`. */
  | 'DAY'
  /** By business time: the key is `1996-07-04T08`. */
  | 'HOUR'
  /** By business time: the key is `1996-07-04T08:15`. */
  | 'MINUTE'
  /** By business time: the key is `1996-07`. */
  | 'MONTH'
  /** Rejected ones, by the code of their rejection. */
  | 'REJECTION'
  /** By status: the key is its name. */
  | 'STATUS';

/** One product of a purchase. */
export type PurchaseLine = {
  readonly __typename?: 'PurchaseLine';
  /** The share of the line's price that is not asked for; null: none. */
  readonly discount?: Maybe<Scalars['Share']['output']>;
  /** The product's own price when the stock was reserved; null until then. */
  readonly listPrice?: Maybe<Scalars['Money']['output']>;
  /** What is bought, as it is now; its price may have changed since. */
  readonly product: Product;
  /** Units of it. */
  readonly quantity: Scalars['SafeInt']['output'];
  /** Quantity × unit price less the discount, half a cent rounded up; null until the stock is reserved. */
  readonly total?: Maybe<Scalars['Money']['output']>;
  /** The price that counts: the one given with the line, or else the product's own. Null until the stock is reserved. */
  readonly unitPrice?: Maybe<Scalars['Money']['output']>;
};

/** One product of a purchase to be placed. */
export type PurchaseLineInput = {
  /** A share of the line's price that is not asked for. Staff and admins only. */
  readonly discount?: InputMaybe<Scalars['Share']['input']>;
  /** The product; no other line may name it. */
  readonly productId: Scalars['ID']['input'];
  /** Units, 1 to 1000000. */
  readonly quantity: Scalars['Int']['input'];
  /** The price that counts instead of the product's own, 0.00 to 1000000.00, as for orders of the past. Staff and admins only. */
  readonly unitPrice?: InputMaybe<Scalars['Money']['input']>;
};

/** The order of a list of purchases; equal ones are in order of their ids. */
export type PurchaseSort = {
  /** What they are ordered by. */
  readonly by?: PurchaseSortField;
  /** In which direction. */
  readonly direction?: SortDirection;
};

/** What purchases can be ordered by. */
export type PurchaseSortField =
  /** By the customer's last name, then first name. */
  | 'CUSTOMER'
  /** By business time. */
  | 'PLACED_AT'
  /** By name of the status; those of the same by when they were placed. */
  | 'STATUS'
  /** By the total. */
  | 'TOTAL';

/** Where a purchase is on its way. */
export type PurchaseStatus =
  /** Taken back on request, its stock given back. */
  | 'CANCELLED'
  /** Everything is reserved and the customer has been approved: sold. */
  | 'CONFIRMED'
  /** Stock and customer have been asked and have not all answered. */
  | 'PENDING'
  /** A product or the customer said no, or no answer came in time: nothing was sold. `rejection` tells why. */
  | 'REJECTED';

/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type Query = {
  readonly __typename?: 'Query';
  /** `reflecting`: waits, at most 5 s, until the view shows that transaction. For customers: their own, or null. */
  readonly customer?: Maybe<Customer>;
  /** Staff and admins only. */
  readonly customers: CustomerConnection;
  /** Records that no processor could read, the newest first. Admins only. */
  readonly deadLetters: DeadLetterConnection;
  /** What is on its way to webhooks, and what was sent lately, the newest events first. For admins. */
  readonly deliveries: DeliveryConnection;
  /** The log behind an entity: its commands and events, in order of time. Staff and admins only. */
  readonly entityLog: LogRecordConnection;
  /** Null when there is none of this id. */
  readonly product?: Maybe<Product>;
  /** Discontinued ones too, unless the filter leaves them out. */
  readonly products: ProductConnection;
  /** For customers: their own, or null. */
  readonly purchase?: Maybe<Purchase>;
  /** Purchases counted and added up by group, in order of key. Staff and admins only. Spans of time go by `placedAt`. */
  readonly purchaseGroups: ReadonlyArray<PurchaseGroup>;
  /** For customers: their own. */
  readonly purchases: PurchaseConnection;
  /** How it goes, as it is now. Admins only. */
  readonly sampleImport: SampleImport;
  /** Transactions that have not ended, the oldest first. Admins only. */
  readonly stuckTransactions: ReadonlyArray<StuckTransaction>;
  /** The processes of the system, and what runs in the background. Admins only. */
  readonly system: System;
  /** Null when there is none, or when it is not the viewer's to see. */
  readonly transaction?: Maybe<Transaction>;
  /** Staff and admins: everyone's. Others: their own. */
  readonly transactions: TransactionConnection;
  /** Who is asking: anyone may. */
  readonly viewer: Viewer;
  /** For admins. `reflecting`: waits, at most 5 s, until the view shows that transaction. */
  readonly webhook?: Maybe<Webhook>;
  /** Names of the events that can be sent, for admins. */
  readonly webhookEventTypes: ReadonlyArray<Scalars['String']['output']>;
  /** For admins. */
  readonly webhooks: WebhookConnection;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryCustomerArgs = {
  asOf?: InputMaybe<Scalars['DateTime']['input']>;
  id: Scalars['ID']['input'];
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  version?: InputMaybe<Scalars['SafeInt']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryCustomersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CustomerFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<CustomerSort>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryDeadLettersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryDeliveriesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DeliveryFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryEntityLogArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  aggregate: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryProductArgs = {
  asOf?: InputMaybe<Scalars['DateTime']['input']>;
  id: Scalars['ID']['input'];
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  version?: InputMaybe<Scalars['SafeInt']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryProductsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProductFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<ProductSort>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryPurchaseArgs = {
  asOf?: InputMaybe<Scalars['DateTime']['input']>;
  id: Scalars['ID']['input'];
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  version?: InputMaybe<Scalars['SafeInt']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryPurchaseGroupsArgs = {
  by: PurchaseGrouping;
  filter?: InputMaybe<PurchaseFilter>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  timeZone?: InputMaybe<Scalars['TimeZone']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryPurchasesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<PurchaseFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<PurchaseSort>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryStuckTransactionsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  olderThanSeconds?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryTransactionArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryTransactionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<TransactionFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<TransactionSort>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryWebhookArgs = {
  asOf?: InputMaybe<Scalars['DateTime']['input']>;
  id: Scalars['ID']['input'];
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  version?: InputMaybe<Scalars['SafeInt']['input']>;
};


/** What can be asked: the views, which follow the log by a moment. `reflecting` waits for one's own writes. */
export type QueryWebhooksArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<WebhookFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<WebhookSort>;
};

/** What a mutation answers: the command is in the log and has begun. It never means done; the transaction tells. */
export type Receipt = {
  readonly __typename?: 'Receipt';
  /** When the command was written to the log. */
  readonly acceptedAt: Scalars['DateTime']['output'];
  /** The entity the command is for: the new one's id when registering, adding or placing. */
  readonly id: Scalars['ID']['output'];
  /** The transaction as it is known at this moment. */
  readonly transaction: Transaction;
  /** The transaction to subscribe to. */
  readonly transactionId: Scalars['ID']['output'];
};

/** By a customer: registers itself, once. By staff and admins: anyone. */
export type RegisterCustomerInput = {
  /** An address such as ada@example.com, at most 254 characters; left out: none. */
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /** At most 200 characters; empty where there is none, as for a single-word name. */
  readonly firstName: Scalars['String']['input'];
  /** 1 to 64 of A-Z a-z 0-9 _ -; made for you when left out. Staff and admins only. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Not blank, at most 200 characters. */
  readonly lastName: Scalars['String']['input'];
  /** What the shop prints for it: 1 to 64 characters, without control characters. Staff and admins only. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** The user that the customer is to belong to. Staff and admins only. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** Staff and admins only. */
export type ReinstateProductInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the product has moved on from this version, as it does with each sale. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The product that is sold again. */
  readonly productId: Scalars['ID']['input'];
};

/** Why something was rejected, in a word for programs and one for people. */
export type Rejection = {
  readonly __typename?: 'Rejection';
  /** For programs, such as INSUFFICIENT_STOCK; docs/errors.md has them all. */
  readonly code: Scalars['String']['output'];
  /** The field of the input that would have to change, when there is one. */
  readonly field?: Maybe<Scalars['String']['output']>;
  /** For people: what was asked for, and what stands against it. */
  readonly message: Scalars['String']['output'];
};

/** By a customer: itself. By staff and admins: anyone. */
export type RemoveCustomerInput = {
  /** The customer to remove; by a customer: its own. */
  readonly customerId: Scalars['ID']['input'];
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the customer has moved on from this version. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
};

/** Admins only. */
export type RemoveWebhookInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when it has moved on from this version. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The webhook to remove. */
  readonly webhookId: Scalars['ID']['input'];
};

/** Staff and admins only. */
export type RestockProductInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the product has moved on from this version, as it does with each sale. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The product that has come. */
  readonly productId: Scalars['ID']['input'];
  /** Units to add, 1 to 1000000000; what is free and reserved together stays within 2147483647. */
  readonly quantity: Scalars['Int']['input'];
};

/** Each may do all that those before it may: see docs/rights.md. */
export type Role =
  /** All that staff may, and what concerns the whole shop: business time, the sample orders. */
  | 'ADMIN'
  /** Anyone who has signed in: buys for its own customer record. */
  | 'CUSTOMER'
  /** Products, stock, and all customers, purchases and transactions. */
  | 'STAFF'
  /** One who has not signed in: sees the products, where visitors are let in. */
  | 'VISITOR';

/** Admins only. */
export type RotateWebhookSecretInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when it has moved on from this version. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** `whsec_` and base64 of 24 to 64 random bytes, made by you: it is sealed, and never shown again. */
  readonly secret: Scalars['String']['input'];
  /** The webhook that gets another secret. */
  readonly webhookId: Scalars['ID']['input'];
};

/** How the loading of the sample orders goes. */
export type SampleImport = {
  readonly __typename?: 'SampleImport';
  /** Purchases by how they ended so far. */
  readonly confirmed: Scalars['Int']['output'];
  /** Rows dealt with so far, of `total`. */
  readonly done: Scalars['Int']['output'];
  /** What stopped it, when it did not get to its end; start it again to go on. */
  readonly error?: Maybe<Scalars['String']['output']>;
  /** When it came to its end; null while it runs, and when it was stopped. */
  readonly finishedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What is being done: `customers`, `products`, `purchases`, `discontinuing`, `done`; empty before the first. */
  readonly phase: Scalars['String']['output'];
  /** Purchases that were rejected. */
  readonly rejected: Scalars['Int']['output'];
  /** Whether it is going on now. */
  readonly running: Scalars['Boolean']['output'];
  /** When the latest run began; null before the first. */
  readonly startedAt?: Maybe<Scalars['DateTime']['output']>;
  /** All commands of the import; 0 before it has begun. */
  readonly total: Scalars['Int']['output'];
};

/** The direction of a list's order. */
export type SortDirection =
  /** The smallest, the earliest or A first. */
  | 'ASC'
  /** The largest, the latest or Z first. */
  | 'DESC';

/** A transaction that has not ended for long. */
export type StuckTransaction = {
  readonly __typename?: 'StuckTransaction';
  /** The transaction, with its steps so far. */
  readonly transaction: Transaction;
  /** What it waits for. */
  readonly waitsFor: ReadonlyArray<AwaitedCommand>;
};

/** What can be followed, over the WebSocket. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Customers as they change, for customers their own, or one of them; totals included. An error RESUBSCRIBE ends it when changes may have been missed: subscribe again, then read again. */
  readonly customerChanged: Customer;
  /** For admins: each delivery as it changes, or those of one webhook. RESUBSCRIBE: as for `webhookChanged`. */
  readonly deliveryChanged: Delivery;
  /** The events of an aggregate as they come, those of each entity in order. Staff and admins only. Without a gap or a repetition also across connections, for who subscribes again with the cursor of the last event. */
  readonly events: EventNews;
  /** Products as they change, or one of them; stock and totals included. An error RESUBSCRIBE ends it when changes may have been missed: subscribe again, then read again. */
  readonly productChanged: Product;
  /** Purchases as they change, for customers their own, or one of them. An error RESUBSCRIBE ends it when changes may have been missed: subscribe again, then read again. */
  readonly purchaseChanged: Purchase;
  /** As it is now, then as it goes on; ends when the import ends. Admins only. */
  readonly sampleImport: SampleImport;
  /** The system as it is now, then as it goes on, every second. Admins only. */
  readonly system: System;
  /** The transaction as it is now, then as it goes on; ends after COMPLETED or REJECTED. */
  readonly transaction: Transaction;
  /** All of the viewer's transactions as they go on, from now; with `all`, for staff and admins, everyone's. */
  readonly transactions: Transaction;
  /** For admins: each as it changes, or one of them. An error RESUBSCRIBE ends it when changes may have been missed: subscribe again, then read again. */
  readonly webhookChanged: Webhook;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionCustomerChangedArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionDeliveryChangedArgs = {
  webhookId?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  aggregate: Scalars['String']['input'];
  fromBeginning?: InputMaybe<Scalars['Boolean']['input']>;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionProductChangedArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionPurchaseChangedArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionTransactionArgs = {
  id: Scalars['ID']['input'];
};


/** What can be followed, over the WebSocket. */
export type SubscriptionTransactionsArgs = {
  all?: InputMaybe<Scalars['Boolean']['input']>;
  status?: InputMaybe<ReadonlyArray<TransactionStatus>>;
};


/** What can be followed, over the WebSocket. */
export type SubscriptionWebhookChangedArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
};

/** The system at a moment. */
export type System = {
  readonly __typename?: 'System';
  /** When that was. */
  readonly at: Scalars['DateTime']['output'];
  /** How many dead letters there are; null while that is not known, as when the log is out of reach. */
  readonly deadLetterCount?: Maybe<Scalars['Int']['output']>;
  /** The newest job, under way or ended; null: none was started since the processes were. */
  readonly job?: Maybe<Job>;
  /** All processes, the gateway that answers first. */
  readonly processes: ReadonlyArray<Process>;
};

/** What became of one mutation. Visible to who issued it, and to staff and admins. */
export type Transaction = {
  readonly __typename?: 'Transaction';
  /** When the command was written to the log. */
  readonly acceptedAt: Scalars['DateTime']['output'];
  /** The mutation's name. */
  readonly command: Scalars['String']['output'];
  /** The entity as the views show it now; null until they show it. What is not the viewer's to see is null too. */
  readonly entity?: Maybe<Entity>;
  /** The id of the entity that the command is for. */
  readonly entityId: Scalars['ID']['output'];
  /** The entity's version once completed. */
  readonly entityVersion?: Maybe<Scalars['SafeInt']['output']>;
  /** When it was completed or rejected; null before. */
  readonly finishedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the receipt called `transactionId`. */
  readonly id: Scalars['ID']['output'];
  /** The user who sent the mutation. */
  readonly issuedBy: Scalars['ID']['output'];
  /** The log behind it: its commands and events, of all aggregates, each behind what caused it; of a very long one the first 5000. Staff and admins only. */
  readonly log: LogRecordConnection;
  /** Why it was rejected; null unless it was. */
  readonly rejection?: Maybe<Rejection>;
  /** What became of it so far. */
  readonly status: TransactionStatus;
  /** What has happened, in order; the last tells where it stands. */
  readonly steps: ReadonlyArray<TransactionStep>;
};


/** What became of one mutation. Visible to who issued it, and to staff and admins. */
export type TransactionLogArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of the list of transactions. */
export type TransactionConnection = {
  readonly __typename?: 'TransactionConnection';
  /** The page's transactions, each with its cursor. */
  readonly edges: ReadonlyArray<TransactionEdge>;
  /** The page's transactions. */
  readonly nodes: ReadonlyArray<Transaction>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all that match the filter. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One transaction on a page of the list. */
export type TransactionEdge = {
  readonly __typename?: 'TransactionEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The transaction itself. */
  readonly node: Transaction;
};

/** Which transactions a list shows; what is left out does not narrow it. */
export type TransactionFilter = {
  /** By when the command was written to the log. */
  readonly acceptedBetween?: InputMaybe<DateTimeRange>;
  /** Those of one mutation, by its name. */
  readonly command?: InputMaybe<Scalars['String']['input']>;
  /** Those about one entity. */
  readonly entityId?: InputMaybe<Scalars['ID']['input']>;
  /** The transactions of this user; of another than oneself: staff and admins only. Left out: for them everyone's, else one's own. */
  readonly issuedBy?: InputMaybe<Scalars['ID']['input']>;
  /** true: one's own alone, for staff and admins too. */
  readonly mine?: InputMaybe<Scalars['Boolean']['input']>;
  /** Those of any of these statuses. */
  readonly status?: InputMaybe<ReadonlyArray<TransactionStatus>>;
};

/** The order of a list of transactions; equal ones are in order of their ids. */
export type TransactionSort = {
  /** What they are ordered by. */
  readonly by?: TransactionSortField;
  /** In which direction. */
  readonly direction?: SortDirection;
};

/** What transactions can be ordered by. */
export type TransactionSortField =
  /** By when the command was written to the log. */
  | 'ACCEPTED_AT'
  /** By the user's id; those of the same by when they were accepted. */
  | 'ISSUED_BY'
  /** By name of the status; those of the same by when they were accepted. */
  | 'STATUS';

/** What became of a mutation, so far. */
export type TransactionStatus =
  /** The command is in the log. */
  | 'ACCEPTED'
  /** Done: its effect is on the log, and the views show it in a moment. */
  | 'COMPLETED'
  /** A step across aggregates is under way; purchases only. */
  | 'PENDING'
  /** Decided against: it had no effect, and never will. `rejection` tells why. */
  | 'REJECTED';

/** One step on the way of a transaction. */
export type TransactionStep = {
  readonly __typename?: 'TransactionStep';
  /** When it was decided. */
  readonly at: Scalars['DateTime']['output'];
  /** The entity this step is about, when it is another than the transaction's own. */
  readonly entityId?: Maybe<Scalars['ID']['output']>;
  /** What happened: `accepted`, `placed`, `stock reserved`, `customer approved`, `completed`, `rejected` … */
  readonly name: Scalars['String']['output'];
  /** The transaction's status after this step. */
  readonly status: TransactionStatus;
};

/** Fields that are left out stay as they are; `email: null` and `number: null` take them away, `userId: null` sets the customer free. */
export type UpdateCustomerInput = {
  /** The customer to change; by a customer: its own. */
  readonly customerId: Scalars['ID']['input'];
  /** An address such as ada@example.com, at most 254 characters; null takes it away. */
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /** At most 200 characters; empty takes it away. */
  readonly firstName?: InputMaybe<Scalars['String']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the customer has moved on from this version. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Not blank, at most 200 characters. */
  readonly lastName?: InputMaybe<Scalars['String']['input']>;
  /** What the shop prints for it: 1 to 64 characters, without control characters. Staff and admins only. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** The user that the customer is to belong to. Staff and admins only. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** Fields that are left out stay as they are; `number: null` takes the number away. Staff and admins only. */
export type UpdateProductInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the product has moved on from this version, as it does with each sale. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Not blank, at most 200 characters. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** What the shop prints for it: 1 to 64 characters, without control characters. */
  readonly number?: InputMaybe<Scalars['String']['input']>;
  /** Of one unit, 0.00 to 1000000.00; purchases that have reserved keep theirs. */
  readonly price?: InputMaybe<Scalars['Money']['input']>;
  /** The product to change. */
  readonly productId: Scalars['ID']['input'];
};

/** Admins only. What is left out, or null, stays as it is. */
export type UpdateWebhookInput = {
  /** false: nothing is sent, until it is enabled again. */
  readonly enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when it has moved on from this version. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Not blank, at most 200 characters. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Names of events, as `webhookEventTypes` has them; none: all. */
  readonly types?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** http or https, without user, password and #fragment; at most 2,000 characters. */
  readonly url?: InputMaybe<Scalars['String']['input']>;
  /** The webhook to change. */
  readonly webhookId: Scalars['ID']['input'];
};

/** Who is asking, and what is the asker's own. */
export type Viewer = {
  readonly __typename?: 'Viewer';
  /** The customer record that belongs to the asker: registered by itself, or bound by staff. */
  readonly customer?: Maybe<Customer>;
  /** The token's `sub`, or `anonymous`. */
  readonly id: Scalars['ID']['output'];
  /** Whether `role` is ADMIN. */
  readonly isAdmin: Scalars['Boolean']['output'];
  /** The purchases of that customer, as far as they are the asker's. */
  readonly purchases: PurchaseConnection;
  /** The highest of them that counts. */
  readonly role: Role;
  /** As the token names them. */
  readonly roles: ReadonlyArray<Scalars['String']['output']>;
  /** The asker's own, also for staff and admins. */
  readonly transactions: TransactionConnection;
};


/** Who is asking, and what is the asker's own. */
export type ViewerCustomerArgs = {
  reflecting?: InputMaybe<Scalars['ID']['input']>;
};


/** Who is asking, and what is the asker's own. */
export type ViewerPurchasesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<PurchaseFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<PurchaseSort>;
};


/** Who is asking, and what is the asker's own. */
export type ViewerTransactionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<TransactionFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  reflecting?: InputMaybe<Scalars['ID']['input']>;
  sort?: InputMaybe<TransactionSort>;
};

/** Where events are sent as they happen, signed: docs/webhooks.md. For admins. */
export type Webhook = {
  readonly __typename?: 'Webhook';
  /** When it was added. */
  readonly addedAt: Scalars['DateTime']['output'];
  /** false: nothing is sent. All keeps its place, and is sent once it is enabled again. */
  readonly enabled: Scalars['Boolean']['output'];
  /** How many deliveries have been given up, and wait for an admin. */
  readonly failedCount: Scalars['SafeInt']['output'];
  /** By this the secret can be told from others: the first 12 hexadecimal digits of its SHA-256. The secret itself is never shown. */
  readonly fingerprint: Scalars['String']['output'];
  /** What happened to the webhook, the first first. */
  readonly history: EntityEventConnection;
  /** Chosen when it was added, and never changed. */
  readonly id: Scalars['ID']['output'];
  /** What it is called. */
  readonly name: Scalars['String']['output'];
  /** How many deliveries are to be sent, perhaps again; of what was taken up, see docs/webhooks.md. */
  readonly pendingCount: Scalars['SafeInt']['output'];
  /** Whether it was removed. */
  readonly removed: Scalars['Boolean']['output'];
  /** When the secret was last rotated; the one before it signs beside it for a day. Null: never. */
  readonly rotatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Which events are sent, by their names; none: all there are. */
  readonly types: ReadonlyArray<Scalars['String']['output']>;
  /** Where events are sent. */
  readonly url: Scalars['String']['output'];
  /** Grows by one with every change. */
  readonly version: Scalars['SafeInt']['output'];
};


/** Where events are sent as they happen, signed: docs/webhooks.md. For admins. */
export type WebhookHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  order?: InputMaybe<SortDirection>;
};

/** A page of the list of webhooks. */
export type WebhookConnection = {
  readonly __typename?: 'WebhookConnection';
  /** The page's webhooks, each with its cursor. */
  readonly edges: ReadonlyArray<WebhookEdge>;
  /** The page's webhooks. */
  readonly nodes: ReadonlyArray<Webhook>;
  /** Whether there is more, and where it begins. */
  readonly pageInfo: PageInfo;
  /** How many there are in all that match the filter. */
  readonly totalCount: Scalars['SafeInt']['output'];
};

/** One webhook on a page of the list. */
export type WebhookEdge = {
  readonly __typename?: 'WebhookEdge';
  /** Where it stands in the list, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The webhook itself. */
  readonly node: Webhook;
};

/** Which webhooks a list shows; what is left out does not narrow it. */
export type WebhookFilter = {
  /** Default: false, removed ones are left out. null: both. */
  readonly removed?: InputMaybe<Scalars['Boolean']['input']>;
  /** Words; each must be the beginning of a word of the name. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
};

/** The order of a list of webhooks; equal ones are in order of their ids. */
export type WebhookSort = {
  /** What they are ordered by. */
  readonly by?: WebhookSortField;
  /** In which direction. */
  readonly direction?: SortDirection;
};

/** What webhooks can be ordered by. */
export type WebhookSortField =
  /** By when they were added. */
  | 'ADDED_AT'
  /** By name. */
  | 'NAME';

/** Staff and admins only. */
export type WriteOffStockInput = {
  /** The same key by the same user: one transaction, one effect, however often it is sent. At most 200 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Rejected with VERSION_CONFLICT when the product has moved on from this version, as it does with each sale. */
  readonly ifVersion?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The product of which fewer are there. */
  readonly productId: Scalars['ID']['input'];
  /** Units to take away, 1 to 2147483647 and no more than are free: what is reserved belongs to purchases. */
  readonly quantity: Scalars['Int']['input'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;



/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  Entity:
    | ( CustomerDoc )
    | ( ProductDoc )
    | ( PurchaseDoc )
    | ( WebhookDoc )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AddProductInput: AddProductInput;
  AddWebhookInput: AddWebhookInput;
  AwaitedCommand: ResolverTypeWrapper<Awaited>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CancelPurchaseInput: CancelPurchaseInput;
  CommandInput: CommandInput;
  Customer: ResolverTypeWrapper<CustomerDoc>;
  CustomerConnection: ResolverTypeWrapper<CustomerPage>;
  CustomerEdge: ResolverTypeWrapper<Omit<CustomerEdge, 'node'> & { node: ResolversTypes['Customer'] }>;
  CustomerFilter: CustomerFilter;
  CustomerSort: CustomerSort;
  CustomerSortField: CustomerSortField;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DateTimeRange: DateTimeRange;
  DeadLetter: ResolverTypeWrapper<Letter>;
  DeadLetterConnection: ResolverTypeWrapper<DeadLetterPage>;
  DeadLetterEdge: ResolverTypeWrapper<Omit<DeadLetterEdge, 'node'> & { node: ResolversTypes['DeadLetter'] }>;
  DeliveriesInput: DeliveriesInput;
  Delivery: ResolverTypeWrapper<DeliveryDoc>;
  DeliveryConnection: ResolverTypeWrapper<DeliveryPage>;
  DeliveryEdge: ResolverTypeWrapper<Omit<DeliveryEdge, 'node'> & { node: ResolversTypes['Delivery'] }>;
  DeliveryFilter: DeliveryFilter;
  DeliveryReceipt: ResolverTypeWrapper<DeliveryReceipt>;
  DeliveryStatus: DeliveryStatus;
  DiscontinueProductInput: DiscontinueProductInput;
  Entity: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['Entity']>;
  EntityEvent: ResolverTypeWrapper<ShownEvent>;
  EntityEventConnection: ResolverTypeWrapper<EventPage>;
  EntityEventEdge: ResolverTypeWrapper<Omit<EntityEventEdge, 'node'> & { node: ResolversTypes['EntityEvent'] }>;
  EraseCustomerInput: EraseCustomerInput;
  EventNews: ResolverTypeWrapper<ToldEvent>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Hearing: Hearing;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Job: ResolverTypeWrapper<JobNow>;
  JobKind: JobKind;
  JobState: JobState;
  LogRecord: ResolverTypeWrapper<PastRecord>;
  LogRecordConnection: ResolverTypeWrapper<LogPage>;
  LogRecordEdge: ResolverTypeWrapper<Omit<LogRecordEdge, 'node'> & { node: ResolversTypes['LogRecord'] }>;
  LogRecordKind: LogRecordKind;
  Money: ResolverTypeWrapper<Scalars['Money']['output']>;
  MoneyRange: MoneyRange;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PartitionLag: ResolverTypeWrapper<PartitionLag>;
  PlacePurchaseInput: PlacePurchaseInput;
  Process: ResolverTypeWrapper<SeenProcess>;
  ProcessPart: ResolverTypeWrapper<ProcessPart>;
  Product: ResolverTypeWrapper<ProductDoc>;
  ProductConnection: ResolverTypeWrapper<ProductPage>;
  ProductEdge: ResolverTypeWrapper<Omit<ProductEdge, 'node'> & { node: ResolversTypes['Product'] }>;
  ProductFilter: ProductFilter;
  ProductSort: ProductSort;
  ProductSortField: ProductSortField;
  Purchase: ResolverTypeWrapper<PurchaseDoc>;
  PurchaseConnection: ResolverTypeWrapper<PurchasePage>;
  PurchaseEdge: ResolverTypeWrapper<Omit<PurchaseEdge, 'node'> & { node: ResolversTypes['Purchase'] }>;
  PurchaseFilter: PurchaseFilter;
  PurchaseGroup: ResolverTypeWrapper<PurchaseGroup>;
  PurchaseGrouping: PurchaseGrouping;
  PurchaseLine: ResolverTypeWrapper<PurchaseLineDoc>;
  PurchaseLineInput: PurchaseLineInput;
  PurchaseSort: PurchaseSort;
  PurchaseSortField: PurchaseSortField;
  PurchaseStatus: PurchaseStatus;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Receipt: ResolverTypeWrapper<SubmitReceipt>;
  RegisterCustomerInput: RegisterCustomerInput;
  ReinstateProductInput: ReinstateProductInput;
  Rejection: ResolverTypeWrapper<Rejection>;
  RemoveCustomerInput: RemoveCustomerInput;
  RemoveWebhookInput: RemoveWebhookInput;
  RestockProductInput: RestockProductInput;
  Role: Role;
  RotateWebhookSecretInput: RotateWebhookSecretInput;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  SampleImport: ResolverTypeWrapper<SampleImport>;
  Share: ResolverTypeWrapper<Scalars['Share']['output']>;
  SortDirection: SortDirection;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  StuckTransaction: ResolverTypeWrapper<StuckNow>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  System: ResolverTypeWrapper<SystemNow>;
  TimeZone: ResolverTypeWrapper<Scalars['TimeZone']['output']>;
  Transaction: ResolverTypeWrapper<TransactionRecord>;
  TransactionConnection: ResolverTypeWrapper<TransactionPage>;
  TransactionEdge: ResolverTypeWrapper<Omit<TransactionEdge, 'node'> & { node: ResolversTypes['Transaction'] }>;
  TransactionFilter: TransactionFilter;
  TransactionSort: TransactionSort;
  TransactionSortField: TransactionSortField;
  TransactionStatus: TransactionStatus;
  TransactionStep: ResolverTypeWrapper<TransactionStep>;
  UpdateCustomerInput: UpdateCustomerInput;
  UpdateProductInput: UpdateProductInput;
  UpdateWebhookInput: UpdateWebhookInput;
  Viewer: ResolverTypeWrapper<ViewerIdentity>;
  Webhook: ResolverTypeWrapper<WebhookDoc>;
  WebhookConnection: ResolverTypeWrapper<WebhookPage>;
  WebhookEdge: ResolverTypeWrapper<Omit<WebhookEdge, 'node'> & { node: ResolversTypes['Webhook'] }>;
  WebhookFilter: WebhookFilter;
  WebhookSort: WebhookSort;
  WebhookSortField: WebhookSortField;
  WriteOffStockInput: WriteOffStockInput;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AddProductInput: AddProductInput;
  AddWebhookInput: AddWebhookInput;
  AwaitedCommand: Awaited;
  Boolean: Scalars['Boolean']['output'];
  CancelPurchaseInput: CancelPurchaseInput;
  CommandInput: CommandInput;
  Customer: CustomerDoc;
  CustomerConnection: CustomerPage;
  CustomerEdge: Omit<CustomerEdge, 'node'> & { node: ResolversParentTypes['Customer'] };
  CustomerFilter: CustomerFilter;
  CustomerSort: CustomerSort;
  DateTime: Scalars['DateTime']['output'];
  DateTimeRange: DateTimeRange;
  DeadLetter: Letter;
  DeadLetterConnection: DeadLetterPage;
  DeadLetterEdge: Omit<DeadLetterEdge, 'node'> & { node: ResolversParentTypes['DeadLetter'] };
  DeliveriesInput: DeliveriesInput;
  Delivery: DeliveryDoc;
  DeliveryConnection: DeliveryPage;
  DeliveryEdge: Omit<DeliveryEdge, 'node'> & { node: ResolversParentTypes['Delivery'] };
  DeliveryFilter: DeliveryFilter;
  DeliveryReceipt: DeliveryReceipt;
  DiscontinueProductInput: DiscontinueProductInput;
  Entity: ResolversUnionTypes<ResolversParentTypes>['Entity'];
  EntityEvent: ShownEvent;
  EntityEventConnection: EventPage;
  EntityEventEdge: Omit<EntityEventEdge, 'node'> & { node: ResolversParentTypes['EntityEvent'] };
  EraseCustomerInput: EraseCustomerInput;
  EventNews: ToldEvent;
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  Job: JobNow;
  LogRecord: PastRecord;
  LogRecordConnection: LogPage;
  LogRecordEdge: Omit<LogRecordEdge, 'node'> & { node: ResolversParentTypes['LogRecord'] };
  Money: Scalars['Money']['output'];
  MoneyRange: MoneyRange;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  PartitionLag: PartitionLag;
  PlacePurchaseInput: PlacePurchaseInput;
  Process: SeenProcess;
  ProcessPart: ProcessPart;
  Product: ProductDoc;
  ProductConnection: ProductPage;
  ProductEdge: Omit<ProductEdge, 'node'> & { node: ResolversParentTypes['Product'] };
  ProductFilter: ProductFilter;
  ProductSort: ProductSort;
  Purchase: PurchaseDoc;
  PurchaseConnection: PurchasePage;
  PurchaseEdge: Omit<PurchaseEdge, 'node'> & { node: ResolversParentTypes['Purchase'] };
  PurchaseFilter: PurchaseFilter;
  PurchaseGroup: PurchaseGroup;
  PurchaseLine: PurchaseLineDoc;
  PurchaseLineInput: PurchaseLineInput;
  PurchaseSort: PurchaseSort;
  Query: Record<PropertyKey, never>;
  Receipt: SubmitReceipt;
  RegisterCustomerInput: RegisterCustomerInput;
  ReinstateProductInput: ReinstateProductInput;
  Rejection: Rejection;
  RemoveCustomerInput: RemoveCustomerInput;
  RemoveWebhookInput: RemoveWebhookInput;
  RestockProductInput: RestockProductInput;
  RotateWebhookSecretInput: RotateWebhookSecretInput;
  SafeInt: Scalars['SafeInt']['output'];
  SampleImport: SampleImport;
  Share: Scalars['Share']['output'];
  String: Scalars['String']['output'];
  StuckTransaction: StuckNow;
  Subscription: Record<PropertyKey, never>;
  System: SystemNow;
  TimeZone: Scalars['TimeZone']['output'];
  Transaction: TransactionRecord;
  TransactionConnection: TransactionPage;
  TransactionEdge: Omit<TransactionEdge, 'node'> & { node: ResolversParentTypes['Transaction'] };
  TransactionFilter: TransactionFilter;
  TransactionSort: TransactionSort;
  TransactionStep: TransactionStep;
  UpdateCustomerInput: UpdateCustomerInput;
  UpdateProductInput: UpdateProductInput;
  UpdateWebhookInput: UpdateWebhookInput;
  Viewer: ViewerIdentity;
  Webhook: WebhookDoc;
  WebhookConnection: WebhookPage;
  WebhookEdge: Omit<WebhookEdge, 'node'> & { node: ResolversParentTypes['Webhook'] };
  WebhookFilter: WebhookFilter;
  WebhookSort: WebhookSort;
  WriteOffStockInput: WriteOffStockInput;
};

export type AwaitedCommandResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AwaitedCommand'] = ResolversParentTypes['AwaitedCommand']> = {
  command?: Resolver<Maybe<ResolversTypes['LogRecord']>, ParentType, ContextType>;
  deadLetter?: Resolver<Maybe<ResolversTypes['DeadLetter']>, ParentType, ContextType>;
  why?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type CustomerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer']> = {
  email?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  erased?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  firstName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  history?: Resolver<ResolversTypes['EntityEventConnection'], ParentType, ContextType, RequireFields<CustomerHistoryArgs, 'first' | 'order'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lastPurchaseAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  number?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  purchaseCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['PurchaseConnection'], ParentType, ContextType, RequireFields<CustomerPurchasesArgs, 'first'>>;
  removed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  totalSpent?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  userId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CustomerConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CustomerConnection'] = ResolversParentTypes['CustomerConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['CustomerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Customer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type CustomerEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CustomerEdge'] = ResolversParentTypes['CustomerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeadLetterResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeadLetter'] = ResolversParentTypes['DeadLetter']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  ended?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  entityId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  headers?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  offset?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  partition?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  size?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  stalls?: Resolver<Maybe<ResolversTypes['Transaction']>, ParentType, ContextType>;
  topic?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  transactionId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  type?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DeadLetterConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeadLetterConnection'] = ResolversParentTypes['DeadLetterConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DeadLetterEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['DeadLetter']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type DeadLetterEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeadLetterEdge'] = ResolversParentTypes['DeadLetterEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['DeadLetter'], ParentType, ContextType>;
};

export type DeliveryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Delivery'] = ResolversParentTypes['Delivery']> = {
  aggregate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  entityId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  eventAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  eventId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastAttemptAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  nextAttemptAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DeliveryStatus'], ParentType, ContextType>;
  statusCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  webhookId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type DeliveryConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeliveryConnection'] = ResolversParentTypes['DeliveryConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DeliveryEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Delivery']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type DeliveryEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeliveryEdge'] = ResolversParentTypes['DeliveryEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Delivery'], ParentType, ContextType>;
};

export type DeliveryReceiptResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeliveryReceipt'] = ResolversParentTypes['DeliveryReceipt']> = {
  acceptedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  webhookId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type EntityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Entity'] = ResolversParentTypes['Entity']> = {
  __resolveType: TypeResolveFn<'Customer' | 'Product' | 'Purchase' | 'Webhook', ParentType, ContextType>;
};

export type EntityEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EntityEvent'] = ResolversParentTypes['EntityEvent']> = {
  aggregate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  causedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  data?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  entityId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  issuedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  transactionId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unreadable?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type EntityEventConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EntityEventConnection'] = ResolversParentTypes['EntityEventConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['EntityEventEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['EntityEvent']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type EntityEventEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EntityEventEdge'] = ResolversParentTypes['EntityEventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['EntityEvent'], ParentType, ContextType>;
};

export type EventNewsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EventNews'] = ResolversParentTypes['EventNews']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  event?: Resolver<ResolversTypes['EntityEvent'], ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type JobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Job'] = ResolversParentTypes['Job']> = {
  done?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['JobKind'], ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  processId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  result?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['JobState'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type LogRecordResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LogRecord'] = ResolversParentTypes['LogRecord']> = {
  aggregate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  causedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  data?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  entityId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  issuedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['LogRecordKind'], ParentType, ContextType>;
  offset?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  partition?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  topic?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  transactionId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unreadable?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type LogRecordConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LogRecordConnection'] = ResolversParentTypes['LogRecordConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['LogRecordEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['LogRecord']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type LogRecordEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LogRecordEdge'] = ResolversParentTypes['LogRecordEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['LogRecord'], ParentType, ContextType>;
};

export interface MoneyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Money'], any> {
  name: 'Money';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  addProduct?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationAddProductArgs, 'input'>>;
  addWebhook?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationAddWebhookArgs, 'input'>>;
  cancelPurchase?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationCancelPurchaseArgs, 'input'>>;
  discontinueProduct?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationDiscontinueProductArgs, 'input'>>;
  dropDeadLetter?: Resolver<ResolversTypes['DeadLetter'], ParentType, ContextType, RequireFields<MutationDropDeadLetterArgs, 'key' | 'topic'>>;
  dropDelivery?: Resolver<ResolversTypes['DeliveryReceipt'], ParentType, ContextType, RequireFields<MutationDropDeliveryArgs, 'input'>>;
  eraseCustomer?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationEraseCustomerArgs, 'input'>>;
  loadSamples?: Resolver<ResolversTypes['SampleImport'], ParentType, ContextType>;
  placePurchase?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationPlacePurchaseArgs, 'input'>>;
  registerCustomer?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationRegisterCustomerArgs, 'input'>>;
  reinstateProduct?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationReinstateProductArgs, 'input'>>;
  removeCustomer?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationRemoveCustomerArgs, 'input'>>;
  removeWebhook?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationRemoveWebhookArgs, 'input'>>;
  restockProduct?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationRestockProductArgs, 'input'>>;
  retryDeadLetter?: Resolver<ResolversTypes['DeadLetter'], ParentType, ContextType, RequireFields<MutationRetryDeadLetterArgs, 'key' | 'topic'>>;
  retryDelivery?: Resolver<ResolversTypes['DeliveryReceipt'], ParentType, ContextType, RequireFields<MutationRetryDeliveryArgs, 'input'>>;
  rotateWebhookSecret?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationRotateWebhookSecretArgs, 'input'>>;
  startRebuild?: Resolver<ResolversTypes['System'], ParentType, ContextType, RequireFields<MutationStartRebuildArgs, 'acceptUnreadable'>>;
  startVerify?: Resolver<ResolversTypes['System'], ParentType, ContextType, RequireFields<MutationStartVerifyArgs, 'decide'>>;
  submitCommands?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Receipt']>>, ParentType, ContextType, RequireFields<MutationSubmitCommandsArgs, 'commands'>>;
  updateCustomer?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationUpdateCustomerArgs, 'input'>>;
  updateProduct?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationUpdateProductArgs, 'input'>>;
  updateWebhook?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationUpdateWebhookArgs, 'input'>>;
  writeOffStock?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType, RequireFields<MutationWriteOffStockArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PartitionLagResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PartitionLag'] = ResolversParentTypes['PartitionLag']> = {
  partition?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  records?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  restored?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  seconds?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  topic?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ProcessResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Process'] = ResolversParentTypes['Process']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  hearing?: Resolver<ResolversTypes['Hearing'], ParentType, ContextType>;
  host?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  loopDelayMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  memoryBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  parts?: Resolver<ReadonlyArray<ResolversTypes['ProcessPart']>, ParentType, ContextType>;
  pid?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  roles?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ProcessPartResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProcessPart'] = ResolversParentTypes['ProcessPart']> = {
  detail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  partitions?: Resolver<ReadonlyArray<ResolversTypes['PartitionLag']>, ParentType, ContextType>;
  ready?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ProductResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Product'] = ResolversParentTypes['Product']> = {
  customerCount?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  discontinued?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  history?: Resolver<ResolversTypes['EntityEventConnection'], ParentType, ContextType, RequireFields<ProductHistoryArgs, 'first' | 'order'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  number?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  price?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  purchaseCount?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['PurchaseConnection'], ParentType, ContextType, RequireFields<ProductPurchasesArgs, 'first'>>;
  received?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  reserved?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  stock?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  unitsSold?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ProductConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProductConnection'] = ResolversParentTypes['ProductConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ProductEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Product']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type ProductEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProductEdge'] = ResolversParentTypes['ProductEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Product'], ParentType, ContextType>;
};

export type PurchaseResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Purchase'] = ResolversParentTypes['Purchase']> = {
  cancelledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  confirmedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  history?: Resolver<ResolversTypes['EntityEventConnection'], ParentType, ContextType, RequireFields<PurchaseHistoryArgs, 'first' | 'order'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['PurchaseLine']>, ParentType, ContextType>;
  number?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  placedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  rejection?: Resolver<Maybe<ResolversTypes['Rejection']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['PurchaseStatus'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PurchaseConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PurchaseConnection'] = ResolversParentTypes['PurchaseConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['PurchaseEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Purchase']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalAmount?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type PurchaseEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PurchaseEdge'] = ResolversParentTypes['PurchaseEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Purchase'], ParentType, ContextType>;
};

export type PurchaseGroupResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PurchaseGroup'] = ResolversParentTypes['PurchaseGroup']> = {
  amount?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PurchaseLineResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PurchaseLine'] = ResolversParentTypes['PurchaseLine']> = {
  discount?: Resolver<Maybe<ResolversTypes['Share']>, ParentType, ContextType>;
  listPrice?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  product?: Resolver<ResolversTypes['Product'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  total?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  unitPrice?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType, RequireFields<QueryCustomerArgs, 'id'>>;
  customers?: Resolver<ResolversTypes['CustomerConnection'], ParentType, ContextType, RequireFields<QueryCustomersArgs, 'first'>>;
  deadLetters?: Resolver<ResolversTypes['DeadLetterConnection'], ParentType, ContextType, RequireFields<QueryDeadLettersArgs, 'first'>>;
  deliveries?: Resolver<ResolversTypes['DeliveryConnection'], ParentType, ContextType, RequireFields<QueryDeliveriesArgs, 'first'>>;
  entityLog?: Resolver<ResolversTypes['LogRecordConnection'], ParentType, ContextType, RequireFields<QueryEntityLogArgs, 'aggregate' | 'first' | 'id'>>;
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType, RequireFields<QueryProductArgs, 'id'>>;
  products?: Resolver<ResolversTypes['ProductConnection'], ParentType, ContextType, RequireFields<QueryProductsArgs, 'first'>>;
  purchase?: Resolver<Maybe<ResolversTypes['Purchase']>, ParentType, ContextType, RequireFields<QueryPurchaseArgs, 'id'>>;
  purchaseGroups?: Resolver<ReadonlyArray<ResolversTypes['PurchaseGroup']>, ParentType, ContextType, RequireFields<QueryPurchaseGroupsArgs, 'by' | 'timeZone'>>;
  purchases?: Resolver<ResolversTypes['PurchaseConnection'], ParentType, ContextType, RequireFields<QueryPurchasesArgs, 'first'>>;
  sampleImport?: Resolver<ResolversTypes['SampleImport'], ParentType, ContextType>;
  stuckTransactions?: Resolver<ReadonlyArray<ResolversTypes['StuckTransaction']>, ParentType, ContextType, RequireFields<QueryStuckTransactionsArgs, 'first' | 'olderThanSeconds'>>;
  system?: Resolver<ResolversTypes['System'], ParentType, ContextType>;
  transaction?: Resolver<Maybe<ResolversTypes['Transaction']>, ParentType, ContextType, RequireFields<QueryTransactionArgs, 'id'>>;
  transactions?: Resolver<ResolversTypes['TransactionConnection'], ParentType, ContextType, RequireFields<QueryTransactionsArgs, 'first'>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
  webhook?: Resolver<Maybe<ResolversTypes['Webhook']>, ParentType, ContextType, RequireFields<QueryWebhookArgs, 'id'>>;
  webhookEventTypes?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  webhooks?: Resolver<ResolversTypes['WebhookConnection'], ParentType, ContextType, RequireFields<QueryWebhooksArgs, 'first'>>;
};

export type ReceiptResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Receipt'] = ResolversParentTypes['Receipt']> = {
  acceptedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  transaction?: Resolver<ResolversTypes['Transaction'], ParentType, ContextType>;
  transactionId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type RejectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Rejection'] = ResolversParentTypes['Rejection']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export type SampleImportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SampleImport'] = ResolversParentTypes['SampleImport']> = {
  confirmed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  done?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  rejected?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  running?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export interface ShareScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Share'], any> {
  name: 'Share';
}

export type StuckTransactionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StuckTransaction'] = ResolversParentTypes['StuckTransaction']> = {
  transaction?: Resolver<ResolversTypes['Transaction'], ParentType, ContextType>;
  waitsFor?: Resolver<ReadonlyArray<ResolversTypes['AwaitedCommand']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  customerChanged?: SubscriptionResolver<ResolversTypes['Customer'], "customerChanged", ParentType, ContextType, Partial<SubscriptionCustomerChangedArgs>>;
  deliveryChanged?: SubscriptionResolver<ResolversTypes['Delivery'], "deliveryChanged", ParentType, ContextType, Partial<SubscriptionDeliveryChangedArgs>>;
  events?: SubscriptionResolver<ResolversTypes['EventNews'], "events", ParentType, ContextType, RequireFields<SubscriptionEventsArgs, 'aggregate' | 'fromBeginning'>>;
  productChanged?: SubscriptionResolver<ResolversTypes['Product'], "productChanged", ParentType, ContextType, Partial<SubscriptionProductChangedArgs>>;
  purchaseChanged?: SubscriptionResolver<ResolversTypes['Purchase'], "purchaseChanged", ParentType, ContextType, Partial<SubscriptionPurchaseChangedArgs>>;
  sampleImport?: SubscriptionResolver<ResolversTypes['SampleImport'], "sampleImport", ParentType, ContextType>;
  system?: SubscriptionResolver<ResolversTypes['System'], "system", ParentType, ContextType>;
  transaction?: SubscriptionResolver<ResolversTypes['Transaction'], "transaction", ParentType, ContextType, RequireFields<SubscriptionTransactionArgs, 'id'>>;
  transactions?: SubscriptionResolver<ResolversTypes['Transaction'], "transactions", ParentType, ContextType, RequireFields<SubscriptionTransactionsArgs, 'all'>>;
  webhookChanged?: SubscriptionResolver<ResolversTypes['Webhook'], "webhookChanged", ParentType, ContextType, Partial<SubscriptionWebhookChangedArgs>>;
};

export type SystemResolvers<ContextType = Context, ParentType extends ResolversParentTypes['System'] = ResolversParentTypes['System']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deadLetterCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
  processes?: Resolver<ReadonlyArray<ResolversTypes['Process']>, ParentType, ContextType>;
};

export interface TimeZoneScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['TimeZone'], any> {
  name: 'TimeZone';
}

export type TransactionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Transaction'] = ResolversParentTypes['Transaction']> = {
  acceptedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  command?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  entity?: Resolver<Maybe<ResolversTypes['Entity']>, ParentType, ContextType>;
  entityId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  entityVersion?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  issuedBy?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  log?: Resolver<ResolversTypes['LogRecordConnection'], ParentType, ContextType, RequireFields<TransactionLogArgs, 'first'>>;
  rejection?: Resolver<Maybe<ResolversTypes['Rejection']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['TransactionStatus'], ParentType, ContextType>;
  steps?: Resolver<ReadonlyArray<ResolversTypes['TransactionStep']>, ParentType, ContextType>;
};

export type TransactionConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TransactionConnection'] = ResolversParentTypes['TransactionConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['TransactionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Transaction']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type TransactionEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TransactionEdge'] = ResolversParentTypes['TransactionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Transaction'], ParentType, ContextType>;
};

export type TransactionStepResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TransactionStep'] = ResolversParentTypes['TransactionStep']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  entityId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['TransactionStatus'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType, Partial<ViewerCustomerArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isAdmin?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['PurchaseConnection'], ParentType, ContextType, RequireFields<ViewerPurchasesArgs, 'first'>>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  roles?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  transactions?: Resolver<ResolversTypes['TransactionConnection'], ParentType, ContextType, RequireFields<ViewerTransactionsArgs, 'first'>>;
};

export type WebhookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Webhook'] = ResolversParentTypes['Webhook']> = {
  addedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  failedCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  fingerprint?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  history?: Resolver<ResolversTypes['EntityEventConnection'], ParentType, ContextType, RequireFields<WebhookHistoryArgs, 'first' | 'order'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  pendingCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  removed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  rotatedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  types?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type WebhookConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookConnection'] = ResolversParentTypes['WebhookConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['WebhookEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Webhook']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type WebhookEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookEdge'] = ResolversParentTypes['WebhookEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Webhook'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  AwaitedCommand?: AwaitedCommandResolvers<ContextType>;
  Customer?: CustomerResolvers<ContextType>;
  CustomerConnection?: CustomerConnectionResolvers<ContextType>;
  CustomerEdge?: CustomerEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeadLetter?: DeadLetterResolvers<ContextType>;
  DeadLetterConnection?: DeadLetterConnectionResolvers<ContextType>;
  DeadLetterEdge?: DeadLetterEdgeResolvers<ContextType>;
  Delivery?: DeliveryResolvers<ContextType>;
  DeliveryConnection?: DeliveryConnectionResolvers<ContextType>;
  DeliveryEdge?: DeliveryEdgeResolvers<ContextType>;
  DeliveryReceipt?: DeliveryReceiptResolvers<ContextType>;
  Entity?: EntityResolvers<ContextType>;
  EntityEvent?: EntityEventResolvers<ContextType>;
  EntityEventConnection?: EntityEventConnectionResolvers<ContextType>;
  EntityEventEdge?: EntityEventEdgeResolvers<ContextType>;
  EventNews?: EventNewsResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Job?: JobResolvers<ContextType>;
  LogRecord?: LogRecordResolvers<ContextType>;
  LogRecordConnection?: LogRecordConnectionResolvers<ContextType>;
  LogRecordEdge?: LogRecordEdgeResolvers<ContextType>;
  Money?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PartitionLag?: PartitionLagResolvers<ContextType>;
  Process?: ProcessResolvers<ContextType>;
  ProcessPart?: ProcessPartResolvers<ContextType>;
  Product?: ProductResolvers<ContextType>;
  ProductConnection?: ProductConnectionResolvers<ContextType>;
  ProductEdge?: ProductEdgeResolvers<ContextType>;
  Purchase?: PurchaseResolvers<ContextType>;
  PurchaseConnection?: PurchaseConnectionResolvers<ContextType>;
  PurchaseEdge?: PurchaseEdgeResolvers<ContextType>;
  PurchaseGroup?: PurchaseGroupResolvers<ContextType>;
  PurchaseLine?: PurchaseLineResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Receipt?: ReceiptResolvers<ContextType>;
  Rejection?: RejectionResolvers<ContextType>;
  SafeInt?: GraphQLScalarType;
  SampleImport?: SampleImportResolvers<ContextType>;
  Share?: GraphQLScalarType;
  StuckTransaction?: StuckTransactionResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  System?: SystemResolvers<ContextType>;
  TimeZone?: GraphQLScalarType;
  Transaction?: TransactionResolvers<ContextType>;
  TransactionConnection?: TransactionConnectionResolvers<ContextType>;
  TransactionEdge?: TransactionEdgeResolvers<ContextType>;
  TransactionStep?: TransactionStepResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  Webhook?: WebhookResolvers<ContextType>;
  WebhookConnection?: WebhookConnectionResolvers<ContextType>;
  WebhookEdge?: WebhookEdgeResolvers<ContextType>;
};

