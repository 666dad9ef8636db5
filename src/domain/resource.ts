/** A Kubernetes object, without its namespace. */
export interface Resource {
  /** A custom kind that is called like a built-in one carries its group: `Node.longhorn.io`. */
  readonly kind: string;
  readonly name: string;
  /** API group of a custom kind. */
  readonly group?: string;
}
