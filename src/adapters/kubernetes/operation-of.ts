const BY_METHOD: Readonly<Record<string, "create" | "patch" | "delete">> = {
  POST: "create",
  PATCH: "patch",
  PUT: "patch",
  DELETE: "delete",
};

/** A collection of one API group's objects, of all namespaces or one: what is behind it names an object. */
const COLLECTION = /\/apis\/[^/]+\/[^/]+(\/namespaces\/[^/]+)?\/[^/]+\/?$/;

/** What a request to the Kubernetes API does (Kubernetes API concepts, "API verbs"). */
export function operationOf(method: string, url: string): "create" | "list" | "get" | "patch" | "delete" | "watch" {
  const { pathname, searchParams } = new URL(url);
  const changing = BY_METHOD[method];
  if (changing) return changing;
  if (searchParams.get("watch") === "true") return "watch";
  return COLLECTION.test(pathname) ? "list" : "get";
}
