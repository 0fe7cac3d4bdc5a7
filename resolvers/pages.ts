/** The connections' types inside, named for the generated resolver types. */
import type { CustomerDoc, ProductDoc, PurchaseDoc, TransactionDoc } from '../projectors/documents.ts';
import type { Page } from './connection.ts';

export type CustomerPage = Page<CustomerDoc>;
export type ProductPage = Page<ProductDoc>;
export type PurchasePage = Page<PurchaseDoc>;
export type TransactionPage = Page<TransactionDoc>;
