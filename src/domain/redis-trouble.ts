/** Why a Redis cannot do its work until somebody changes its settings or Breakwater's. An outage is none of them. */
export type RedisTrouble =
  | "wrong-credentials"
  | "credentials-missing"
  /** Some are set, and this Redis asks for none: it may be another one than meant. */
  | "credentials-not-asked-for"
  | "rights-missing"
  | "no-such-database"
  | "redis-cluster"
  | "read-only-replica"
  | "redis-full"
  | "wrong-engine"
  | "command-missing"
  | "certificate-not-trusted"
  | "no-tls-spoken"
  | "unknown-to-sentinels"
  | `sentinel-${"wrong-credentials" | "credentials-missing" | "rights-missing"}`
  | `maxmemory-policy-${string}`;

/** Each with the words by which Redis tells of it, of versions 6 to 8, and the bridge. */
const TOLD: readonly (readonly [RedisTrouble, RegExp])[] = [
  ["wrong-credentials", /^WRONGPASS|^ERR invalid password/],
  ["credentials-missing", /^NOAUTH/],
  ["credentials-not-asked-for", /AUTH.*without any password configured|AUTH, but no password is set/],
  ["rights-missing", /^NOPERM|executing the script can't (run|access)|ACL failure in script/],
  ["redis-cluster", /^(MOVED|ASK|CROSSSLOT|CLUSTERDOWN)\b|not allowed in cluster mode/],
  ["no-such-database", /DB index is out of range|invalid DB index/i],
  ["read-only-replica", /^READONLY/],
  ["redis-full", /^OOM/],
  ["wrong-engine", /script shebang/i],
  ["command-missing", /^ERR (unknown (sub)?command|Command is not available)|Unknown Redis command/i],
];

const UNUSABLE = "UNAVAILABLE Redis cannot be used: ";

/** The error with which a connection answers for a Redis that it cannot use. */
export const unusable = (trouble: RedisTrouble): string => UNUSABLE + trouble;

/** What an error of a Redis means, or of the bridge before it; null: it may be over soon, or is about the call. */
export function redisTrouble(text: string): RedisTrouble | null {
  if (text.startsWith(UNUSABLE)) return /^[a-z-]{1,64}/.exec(text.slice(UNUSABLE.length))?.[0] as RedisTrouble;
  return TOLD.find(([, words]) => words.test(text))?.[0] ?? null;
}
