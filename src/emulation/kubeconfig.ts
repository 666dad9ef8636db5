/** kubectl sends a bearer token over TLS only, so the token may also be the head of the path. */
const PREFIX = "/token/";

/**
 * A kubeconfig for kubectl and other clients, as JSON, which is YAML too. `url` is the emulation's origin, such as `http://127.0.0.1:8001`.
 * It holds the token: keep it to its owner.
 */
export function kubeconfig(url: string, token: string): string {
  const name = "breakwater";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: `${url.replace(/\/$/, "")}${PREFIX}${token}` } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: "default" } }],
    "current-context": name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Moves a token at the head of the path to where a bearer token belongs; any other request stays as it is. */
export function withBearer(request: Request): Request {
  const url = new URL(request.url);
  if (!url.pathname.startsWith(PREFIX)) return request;
  const [token = "", ...path] = url.pathname.slice(PREFIX.length).split("/");
  url.pathname = `/${path.join("/")}`;
  const { method, body, signal } = request;
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${token}`);
  return new Request(url, { method, headers, signal, ...(body && { body, duplex: "half" }) });
}
