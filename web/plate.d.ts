// <florilegium-plate>: a plate on any page. See README.md.
export class FlorilegiumPlate extends HTMLElement {
  readonly state: 'waiting'|'queued'|'loading'|'growing'|'grown'|'failed';
  /** The step on view. */
  step: number;
  /** prediction: what the network believed at that step. */
  view: 'picture'|'prediction';
  /** Resolves when the plate is there, was stopped, or has failed. */
  grow(): Promise<void>;
  stop(): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'florilegium-plate': FlorilegiumPlate;
  }
}
