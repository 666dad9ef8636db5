/** A PEM text, or the file that holds it: `field` is its place in the kubeconfig. */
export type Text = { readonly text: string } | TextFile;

export interface TextFile {
  readonly field: string;
  readonly file: string;
}

/** A program that says who calls (client.authentication.k8s.io). */
export interface Plugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | null;
  /** What it is told of the cluster; null: nothing. */
  readonly cluster: { readonly ca: Text | null; readonly info: Readonly<Record<string, unknown>> } | null;
}

export type Credential =
  | { readonly kind: "none" }
  /** A file wins over the token as long as it can be read. */
  | { readonly kind: "token"; readonly token: string | null; readonly file: TextFile | null }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "exec"; readonly plugin: Plugin };

/** How to reach an API server, and as whom. */
export interface Access {
  readonly server: string;
  /** Null: as the environment says. */
  readonly proxyUrl: string | null;
  readonly tls: {
    readonly ca: Text | null;
    readonly cert: Text | null;
    readonly key: Text | null;
    readonly serverName: string | null;
    readonly insecure: boolean;
  };
  /** Of every call. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly credential: Credential;
}
