/** Keeps the frame standing when a page breaks: an error in its code, or code that a newer server no longer has. */
import { Component, type ReactNode } from 'react';
import { EmptyState } from '../components/empty-state';

export interface BoundaryProps {
  /** Another address is another try. */
  readonly address: string;
  readonly children: ReactNode;
}

interface BoundaryState {
  /** The error, in words. */
  readonly broken: string | null;
  readonly address: string;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { broken: null, address: this.props.address };

  static getDerivedStateFromProps({ address }: BoundaryProps, state: BoundaryState): BoundaryState {
    return address === state.address ? state : { broken: null, address };
  }

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { broken: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.broken === null) return this.props.children;
    return (
      <div className="page">
        <EmptyState title="This page broke">
          <p>{this.state.broken}</p>
          <p>Counterfoils under way are kept; loading the page again takes them up.</p>
          <button type="button" onClick={() => location.reload()}>
            Load again
          </button>
        </EmptyState>
      </div>
    );
  }
}
