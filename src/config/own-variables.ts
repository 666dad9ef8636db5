import type { Environment } from "./read.ts";
import { SETTINGS, STORM_RULE_PREFIX, TARGET_RULE_PREFIX } from "./settings.ts";

/** What other programs are known to put into an environment under a prefix that the table uses. */
const OTHERS: ReadonlySet<string> = new Set([
  "ENABLE_ORYX_BUILD", // Azure App Service
  "REDIS_DOWNLOAD_SHA", // the image of Redis
  "REDIS_DOWNLOAD_URL",
  "REDIS_TLS_URL", // Heroku, beside REDIS_URL
  "REDIS_VERSION",
  "SOURCE_BRANCH", // builds
  "SOURCE_COMMIT",
  "SOURCE_DATE_EPOCH",
  "SOURCE_TOKEN", // `npm run storm`
  "SOURCE_VERSION",
  "STORM_CONF_DIR", // Apache Storm
  "STORM_HOME",
  "STORM_LOG_DIR",
]);

/** First words of settings that many other programs use, too: there only what looks like a slip of the pen is refused. */
const SHARED_WORDS: ReadonlySet<string> = new Set(["ADMIN", "BIND", "CLUSTER", "KUBE", "LOG", "MAX", "PROXY", "READ", "UPSTASH"]);

const RULE_PREFIXES = [STORM_RULE_PREFIX, TARGET_RULE_PREFIX];

const firstWord = (name: string): string => name.slice(0, name.indexOf("_"));

const TABLE_WORDS: ReadonlySet<string> = new Set(
  [...Object.keys(SETTINGS).filter((name) => name.includes("_")), ...RULE_PREFIXES].map(firstWord),
);

/** Prefixes that are Breakwater's alone: a name under them that is no setting is a slip of the pen. */
export const OWN_PREFIXES: readonly string[] = [
  ...[...TABLE_WORDS].filter((word) => !SHARED_WORDS.has(word)).map((word) => `${word}_`),
  "UPSTASH_REDIS_",
];

/** Kubernetes tells each container so of every Service of its namespace, whatever that is called: by a host, a port or an address, never by JSON. */
const isServiceLink = (name: string, value: unknown): boolean =>
  (name.endsWith("_PORT") && /^(tcp|udp|sctp):/.test(String(value))) ||
  (/_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(name) && !String(value).includes("{"));

/** The variables without those that others are known to set under names that could be meant for Breakwater. */
export const withoutOthers = (env: Environment): Environment =>
  Object.fromEntries(
    Object.entries(env).filter(([name, value]) => Object.hasOwn(SETTINGS, name) || !(OTHERS.has(name) || isServiceLink(name, value))),
  );

/** A sentence for each name that is no setting but was meant for one, with the setting that is most like it. */
export const unknownNames = (names: readonly string[]): string[] =>
  names
    .filter((name) => !Object.hasOwn(SETTINGS, name) && !RULE_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .filter((name) => TABLE_WORDS.has(firstWord(name)))
    .flatMap((name) => {
      const { nearest, isSlip } = nearestTo(name);
      const isMeant = isSlip || OWN_PREFIXES.some((prefix) => name.startsWith(prefix));
      return isMeant ? [`${name} is no setting: did you mean ${nearest.replace(/_$/, "_<NAME>")}?`] : [];
    });

/** The name that is most like it; `isSlip`: so much like it that it was meant. */
function nearestTo(name: string): { readonly nearest: string; readonly isSlip: boolean } {
  const rules = RULE_PREFIXES.filter((prefix) => firstWord(prefix) === firstWord(name));
  const own = name.split("_").slice(2).join("_");
  const known = [...Object.keys(SETTINGS), ...rules.map((prefix) => prefix + own)];
  const nearest = known.reduce((best, each) => (distance(name, each) < distance(name, best) ? each : best));
  if (distance(name, nearest) * SLIP_SHARE <= name.length) return { nearest, isSlip: true };
  const whole = known.find((each) => each.startsWith(name));
  return { nearest: whole ?? nearest, isSlip: whole !== undefined };
}

/** A name of which more than one letter in five differs was meant for something else. */
const SLIP_SHARE = 5;

/** How many letters have to be put in, left out or replaced to make one text of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [at, other] of [...to].entries())
      next.push(Math.min((row[at + 1] as number) + 1, (next[at] as number) + 1, (row[at] as number) + Number(letter !== other)));
    row = next;
  }
  return row[to.length] as number;
}
