// What a kubeconfig's files and plugins say just now. Which ones it names is read by kubeconfig.ts.
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import * as v from "valibot";
import { SettingProblem } from "../../config/setting-problem.ts";
import type { Access, Credential, Plugin, Text, TextFile } from "./access.ts";

/** TLS material as every runtime understands it. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly rejectUnauthorized?: boolean;
}

/** How to talk to the API server just now. */
export interface Credentials {
  readonly tls: Tls;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** How long credentials are used before they are read again: a service account's token is replaced in its file long before it expires. */
const KEPT_MS = 10_000;

/** Soonest that credentials are asked for again after the API server has refused them. */
const REFUSED_KEPT_MS = 1_000;

/** Longest time that a plugin may take. */
const PLUGIN_MS_MAX = 60_000;

export interface CredentialsReader {
  /** Rejects where a file or a plugin fails. */
  read(): Promise<Credentials>;
  /** They were refused: they are read anew, a plugin is run again. */
  refused(): void;
}

/** Reads credentials when those it has have aged, by the time elapsed in this process, not the time of day. Throws `SettingProblem` for a file or a plugin that is not there at the start. */
export function createCredentials(access: Access, elapsedMs = () => performance.now()): CredentialsReader {
  requireFiles(access);
  const who = createIdentity(access.credential);
  let current: { readonly credentials: Promise<Credentials>; untilMs: number } | undefined;
  return {
    read() {
      if (!current || elapsedMs() >= current.untilMs) {
        const credentials = readNow(access, who.read);
        current = { credentials, untilMs: elapsedMs() + KEPT_MS };
        credentials.catch(() => (current = undefined));
      }
      return current.credentials;
    },
    refused() {
      if (current && elapsedMs() < current.untilMs - KEPT_MS + REFUSED_KEPT_MS) return;
      current = undefined;
      who.forget();
    },
  };
}

async function readNow({ tls, headers }: Access, who: () => Promise<Identity>): Promise<Credentials> {
  const [ca, cert, key, { authorization, ...own }] = await Promise.all([contentOf(tls.ca), contentOf(tls.cert), contentOf(tls.key), who()]);
  const all = {
    ca,
    cert: own.cert ?? cert,
    key: own.key ?? key,
    serverName: tls.serverName,
    rejectUnauthorized: tls.insecure ? false : null,
  };
  return {
    tls: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)),
    headers: { ...headers, ...(authorization && { authorization: [authorization] }) },
  };
}

const contentOf = async (text: Text | null): Promise<string | null> =>
  text === null ? null : "text" in text ? text.text : readFile(text.file, "utf8");

/** Who calls: a header, or a certificate with its key. */
interface Identity {
  readonly authorization?: string;
  readonly cert?: string;
  readonly key?: string;
}

function createIdentity(credential: Credential): { read(): Promise<Identity>; forget(): void } {
  const always = (read: () => Promise<Identity>) => ({ read, forget: () => {} });
  switch (credential.kind) {
    case "none":
      return always(async () => ({}));
    case "basic":
      return always(async () => ({
        authorization: `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}`,
      }));
    case "token":
      return always(followToken(credential.token, credential.file));
    case "exec":
      return createPluginIdentity(credential.plugin);
  }
}

/** A file that cannot be read for a while, or is empty, leaves what was last read. */
function followToken(token: string | null, file: TextFile | null): () => Promise<Identity> {
  let last = token;
  return async () => {
    const read = file && (await readFile(file.file, "utf8").catch((error: unknown) => (last === null ? Promise.reject(error) : "")));
    last = read?.trim() || last;
    return last === null ? {} : { authorization: `Bearer ${last}` };
  };
}

const Reply = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    apiVersion: v.string(),
    kind: v.literal("ExecCredential"),
    status: v.object({
      token: v.optional(v.string()),
      clientCertificateData: v.optional(v.string()),
      clientKeyData: v.optional(v.string()),
      expirationTimestamp: v.optional(v.nullable(v.pipe(v.string(), v.isoTimestamp()))),
    }),
  }),
);

/** Unix time. */
const unixMs = (): number => performance.timeOrigin + performance.now();

/** What a plugin said holds until the time that it names, or until it is refused. */
function createPluginIdentity(plugin: Plugin): { read(): Promise<Identity>; forget(): void } {
  let kept: { readonly identity: Identity; readonly untilMs: number } | undefined;
  return {
    async read() {
      if (kept && unixMs() < kept.untilMs) return kept.identity;
      const reply = v.safeParse(Reply, await run(plugin));
      if (!reply.success || reply.output.apiVersion !== plugin.apiVersion)
        throw new Error("the exec plugin's answer is no ExecCredential of its apiVersion");
      const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp: until } = reply.output.status;
      const identity = { ...(token && { authorization: `Bearer ${token}` }), ...(cert && key && { cert, key }) };
      kept = { identity, untilMs: until ? Date.parse(until) : Number.POSITIVE_INFINITY };
      return identity;
    },
    forget() {
      kept = undefined;
    },
  };
}

async function run({ apiVersion, command, args, env: own, cluster }: Plugin): Promise<string> {
  const ca = cluster && (await contentOf(cluster.ca));
  const about = cluster && { ...cluster.info, ...(ca && { "certificate-authority-data": Buffer.from(ca).toString("base64") }) };
  const spec = { interactive: false, ...(about && { cluster: about }) };
  const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
  const options = { env: { ...env, ...own, KUBERNETES_EXEC_INFO: info }, timeout: PLUGIN_MS_MAX, encoding: "utf8" } as const;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // What it printed may be a credential, and is in the error that execFile gives.
  const child = execFile(command, [...args], options, (error, printed) =>
    error ? reject(new Error("the exec plugin failed")) : resolve(printed),
  );
  child.stdin?.end();
  return promise;
}

function requireFiles({ tls, credential }: Access): void {
  const texts = [tls.ca, tls.cert, tls.key, credential.kind === "token" && credential.token === null ? credential.file : null];
  for (const text of texts) if (text && "file" in text) requireReadable(text);
  if (credential.kind === "exec") requireCommand(credential.plugin);
}

function requireReadable({ field, file }: TextFile): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new SettingProblem(`KUBE_CONFIG: the file of ${field} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function requireCommand({ command, installHint }: Plugin): void {
  const places = command.includes("/") ? [command] : (env.PATH ?? "").split(":").map((folder) => join(folder, command));
  if (places.some(isExecutable)) return;
  const hint = installHint ? `: ${installHint.replace(/\s+/g, " ").slice(0, 300)}` : "";
  throw new SettingProblem(`KUBE_CONFIG: users.exec.command is not there to be run${hint}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
