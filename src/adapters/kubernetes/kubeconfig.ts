// Which API server kubeconfigs name, and as whom to call it, read as kubectl reads them. What is named there is read by credentials.ts.
import { readFileSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { env } from "node:process";
import * as v from "valibot";
import { parse } from "yaml";
import { SettingProblem } from "../../config/setting-problem.ts";
import type { Access, Credential, Plugin, Text } from "./access.ts";
import { type ClusterEntry, type ExecEntry, KubeconfigFile, type UserEntry } from "./kubeconfig-shape.ts";

/** Value of KUBE_CONFIG that stands for the service account of the pod this runs in. */
const IN_CLUSTER = "in-cluster";
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const EXEC_VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/** Name of the extension of a cluster that is handed to plugins. */
const EXEC_EXTENSION = "client.authentication.k8s.io/exec";

const refuse = (problem: string): never => {
  throw new SettingProblem(`KUBE_CONFIG: ${problem}`);
};

/** An entry, and the folder of its file, which its paths are relative to. */
interface Found<Entry> {
  readonly entry: Entry;
  readonly folder: string;
}

/**
 * What `source` says: a path, several by the system's delimiter, of which the first to name a cluster, a user or a context decides about it, or
 * `in-cluster`. Throws `SettingProblem` for what cannot be read or is not heeded here.
 */
export function readKubeconfig(source: string): Access {
  return source === IN_CLUSTER ? ofServiceAccount() : ofFiles(source.split(delimiter).filter((path) => path !== ""));
}

function ofServiceAccount(): Access {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) return refuse("in-cluster needs KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as a pod has them");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    proxyUrl: null,
    tls: {
      ca: { field: "in-cluster's ca.crt", file: `${SERVICE_ACCOUNT}/ca.crt` },
      cert: null,
      key: null,
      serverName: null,
      insecure: false,
    },
    headers: {},
    credential: { kind: "token", token: null, file: { field: "in-cluster's token", file: `${SERVICE_ACCOUNT}/token` } },
  };
}

function ofFiles(paths: readonly string[]): Access {
  const files = paths.map((path) => ({ folder: dirname(path), file: readFile(path, paths.length > 1) }));
  const wanted = files.map(({ file }) => file["current-context"]).find((name) => name) ?? refuse("no current-context is named");
  const find = <Entry>(name: string, list: (file: KubeconfigFile) => readonly { readonly name: string; readonly entry: Entry }[]) =>
    files
      .flatMap(({ file, folder }): Found<Entry>[] =>
        list(file).flatMap((each) => (each.name === name ? [{ entry: each.entry, folder }] : [])),
      )
      .at(0);
  const context =
    find(wanted, ({ contexts }) => (contexts ?? []).map(({ name, context: entry }) => ({ name, entry }))) ??
    refuse("the current-context is not among the contexts");
  // A context's namespace is for calls that name none; all of ours do.
  const { cluster: clusterName, user: userName } = context.entry;
  const cluster =
    find(clusterName ?? "", ({ clusters }) => (clusters ?? []).map(({ name, cluster: entry }) => ({ name, entry }))) ??
    refuse("the current-context's cluster is not among the clusters");
  const nobody: Found<UserEntry> = { entry: {}, folder: "" };
  const user = userName
    ? (find(userName, ({ users }) => (users ?? []).map(({ name, user: entry }) => ({ name, entry: entry ?? {} }))) ??
      refuse("the current-context's user is not among the users"))
    : nobody;
  return accessOf(cluster, user);
}

/** What parsers say about a broken file quotes it, credentials included. One of several may be missing, as for kubectl. */
function readFile(path: string, mayBeMissing: boolean): KubeconfigFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (mayBeMissing && code === "ENOENT") return {};
    return refuse(`the file cannot be read (${code ?? "unknown"})`);
  }
  try {
    return v.parse(KubeconfigFile, parse(text));
  } catch (error) {
    const at = error instanceof v.ValiError ? v.getDotPath(error.issues[0]) : null;
    return refuse(`the file is no kubeconfig${at ? `: ${at.replace(/\.as-user-extra\..*/, ".as-user-extra")} is of another type` : ""}`);
  }
}

function accessOf({ entry: cluster, folder }: Found<ClusterEntry>, user: Found<UserEntry>): Access {
  const server = cluster.server ?? "";
  if (!isUrl(server, /^https?:$/)) refuse("clusters.server must be an http or https URL");
  const proxyUrl = cluster["proxy-url"] || null;
  if (proxyUrl && !isUrl(proxyUrl, /^https?:$/)) refuse("clusters.proxy-url must be an http or https URL: no other proxy is spoken to");
  const ca = textOf("certificate-authority", cluster["certificate-authority"], cluster["certificate-authority-data"], folder);
  const insecure = cluster["insecure-skip-tls-verify"] === true;
  if (insecure && ca) refuse("clusters.insecure-skip-tls-verify does not go with a certificate-authority");
  const { entry } = user;
  const cert = textOf("client-certificate", entry["client-certificate"], entry["client-certificate-data"], user.folder);
  const key = textOf("client-key", entry["client-key"], entry["client-key-data"], user.folder);
  if ((cert === null) !== (key === null)) refuse("users.client-certificate and users.client-key must be there together");
  return {
    server,
    proxyUrl,
    tls: { ca, cert, key, serverName: cluster["tls-server-name"] || null, insecure },
    headers: { ...(cluster["disable-compression"] && { "accept-encoding": ["identity"] }), ...impersonation(entry) },
    credential: credentialOf(user, cluster, ca),
  };
}

const isUrl = (text: string, protocol: RegExp): boolean => URL.canParse(text) && protocol.test(new URL(text).protocol);

const resolved = (path: string, folder: string): string => (isAbsolute(path) ? path : join(folder, path));

/** Data in the kubeconfig wins over a file. */
function textOf(field: string, file: string | null | undefined, data: string | null | undefined, folder: string): Text | null {
  if (data) return { text: Buffer.from(data, "base64").toString("utf8") };
  return file ? { field, file: resolved(file, folder) } : null;
}

function impersonation({ as, ...user }: UserEntry): Record<string, readonly string[]> {
  const { "as-uid": uid, "as-groups": groups, "as-user-extra": extra } = user;
  if (!as && (uid || groups?.length || (extra && Object.keys(extra).length > 0)))
    refuse("users.as-uid, as-groups and as-user-extra need users.as");
  const all: Readonly<Record<string, readonly string[]>> = {
    ...(as && { "impersonate-user": [as] }),
    ...(uid && { "impersonate-uid": [uid] }),
    ...(groups?.length && { "impersonate-group": groups }),
    ...Object.fromEntries(Object.entries(extra ?? {}).map(([name, values]) => [`impersonate-extra-${encodeURIComponent(name)}`, values])),
  };
  // Bun's fetch makes one header of several with the same name, which is one group with a comma in it.
  if ("Bun" in globalThis && Object.values(all).some((values) => values.length > 1))
    refuse("users.as-groups and as-user-extra may hold only one value each on Bun: run on Node or Deno");
  return all;
}

function credentialOf({ entry: user, folder }: Found<UserEntry>, cluster: ClusterEntry, ca: Text | null): Credential {
  if (user["auth-provider"] !== undefined && user["auth-provider"] !== null)
    refuse("users.auth-provider is not supported: use an exec plugin or a tokenFile");
  const file = user.tokenFile ? { field: "tokenFile", file: resolved(user.tokenFile, folder) } : null;
  const token = user.token || null;
  if (user.username && (token || file)) refuse("users.username and users.token are two ways to say who calls: only one may be there");
  if (token || file) return { kind: "token", token, file };
  if (user.username) return { kind: "basic", username: user.username, password: user.password ?? "" };
  return user.exec ? { kind: "exec", plugin: pluginOf(user.exec, folder, cluster, ca) } : { kind: "none" };
}

function pluginOf(exec: ExecEntry, folder: string, cluster: ClusterEntry, ca: Text | null): Plugin {
  const { apiVersion, command, interactiveMode, provideClusterInfo, installHint } = exec;
  if (!apiVersion || !EXEC_VERSIONS.includes(apiVersion)) return refuse(`users.exec.apiVersion must be one of ${EXEC_VERSIONS.join(", ")}`);
  if (!command) return refuse("users.exec.command is missing");
  if (interactiveMode === "Always") refuse("users.exec.interactiveMode Always needs somebody at a terminal");
  if (!["Never", "IfAvailable"].includes(interactiveMode ?? (apiVersion === EXEC_VERSIONS[0] ? "" : "IfAvailable")))
    refuse("users.exec.interactiveMode must be Never or IfAvailable");
  return {
    apiVersion,
    // A bare word is looked for in PATH.
    command: command.includes("/") ? resolved(command, folder) : command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    installHint: installHint || null,
    cluster: provideClusterInfo ? { ca, info: clusterInfo(cluster) } : null,
  };
}

const clusterInfo = (cluster: ClusterEntry): Readonly<Record<string, unknown>> => ({
  server: cluster.server,
  ...(cluster["tls-server-name"] && { "tls-server-name": cluster["tls-server-name"] }),
  ...(cluster["insecure-skip-tls-verify"] && { "insecure-skip-tls-verify": true }),
  ...(cluster["proxy-url"] && { "proxy-url": cluster["proxy-url"] }),
  ...(cluster["disable-compression"] && { "disable-compression": true }),
  config: (cluster.extensions ?? []).find(({ name }) => name === EXEC_EXTENSION)?.extension ?? null,
});
