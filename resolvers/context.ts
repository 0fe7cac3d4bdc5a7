export interface Context { readonly x: string }
