/** Who asks. */
export interface ViewerIdentity {
  /** The token's `sub`, or `anonymous`. */
  readonly id: string;
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
}
