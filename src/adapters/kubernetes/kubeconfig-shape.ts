import * as v from "valibot";

const text = v.optional(v.nullable(v.string()));
const flag = v.optional(v.nullable(v.boolean()));
const texts = v.optional(v.nullable(v.array(v.string())));

const Cluster = v.object({
  server: text,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": flag,
  "tls-server-name": text,
  "proxy-url": text,
  "disable-compression": flag,
  extensions: v.optional(v.nullable(v.array(v.object({ name: v.string(), extension: v.unknown() })))),
});

const Exec = v.object({
  apiVersion: text,
  command: text,
  args: texts,
  env: v.optional(v.nullable(v.array(v.object({ name: v.string(), value: v.string() })))),
  interactiveMode: text,
  provideClusterInfo: flag,
  installHint: text,
});

const User = v.object({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  "as-uid": text,
  "as-groups": texts,
  "as-user-extra": v.optional(v.nullable(v.record(v.string(), v.array(v.string())))),
  exec: v.optional(v.nullable(Exec)),
  "auth-provider": v.optional(v.unknown()),
});

const Context = v.object({ cluster: text, user: text });

const many = <Entry extends v.GenericSchema>(entry: Entry) => v.optional(v.nullable(v.array(entry)));

/** A kubeconfig file: every field that kubectl heeds. What it does not know it passes over, and so do we. */
export const KubeconfigFile = v.object({
  clusters: many(v.object({ name: v.string(), cluster: Cluster })),
  users: many(v.object({ name: v.string(), user: v.optional(v.nullable(User)) })),
  contexts: many(v.object({ name: v.string(), context: Context })),
  "current-context": text,
});
export type KubeconfigFile = v.InferOutput<typeof KubeconfigFile>;
export type ClusterEntry = v.InferOutput<typeof Cluster>;
export type UserEntry = v.InferOutput<typeof User>;
export type ExecEntry = v.InferOutput<typeof Exec>;
