import * as v from "valibot";
import type { HostAndPort } from "../domain/redis-target.ts";
import { WINDOW_BOUNDS } from "./window-bounds.ts";

/** Names of fields that a problem may show. */
const fields = new Set<string>();

/** Whether a name within a setting is one of Breakwater's own. */
export const isField = (name: string): boolean => fields.has(name);

const fieldsOf = <Entries extends v.ObjectEntries>(entries: Entries): Entries => {
  for (const name of Object.keys(entries)) fields.add(name);
  return entries;
};

/** Every message completes the sentence that begins with the setting's name, and shows nothing of what was set. */
export const strict = <Entries extends v.ObjectEntries>(entries: Entries, what: string) =>
  v.strictObject(fieldsOf(entries), (issue) =>
    issue.expected === "never" ? `may hold only ${Object.keys(entries).join(", ")}` : wrongObject(entries, what, issue),
  );

/** A field that is missing has the message of a wrong value of it. Otherwise the value is no object. */
function wrongObject(entries: v.ObjectEntries, what: string, { path }: v.BaseIssue<unknown>): string {
  const missing = entries[String(path?.at(-1)?.key)];
  return (missing && v.safeParse(missing, undefined).issues?.[0].message) ?? `must be ${what}`;
}

export const matching = (pattern: RegExp, what: string) => v.pipe(v.string(`must be ${what}`), v.regex(pattern, `must be ${what}`));

/** How many members the objects of a JSON text have, those of a repeated name included. */
const members = (text: string): number => text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length;

/** The text as a value, or what is wrong with it. A name that an object holds twice would hide one of the two. */
function parseOnce(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    return members(JSON.stringify(value)) === members(text) ? { value } : { problem: "must not name a field twice" };
  } catch {
    return { problem: "must be JSON" };
  }
}

/** A text holding JSON of the given shape. */
export const json = <Shape extends v.GenericSchema>(shape: Shape) =>
  v.pipe(
    v.string(),
    v.rawTransform<string, unknown>(({ dataset, addIssue, NEVER }) => {
      const parsed = parseOnce(dataset.value);
      if ("value" in parsed) return parsed.value;
      addIssue({ message: parsed.problem });
      return NEVER;
    }),
    shape,
  );

/** Items by comma. */
export const list = <Item extends v.GenericSchema<string, unknown>>(item: Item) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(",").map((part) => part.trim())),
    v.array(item),
  );

export const sha256Hex = matching(/^[0-9a-f]{64}$/, "64 lower-case hex digits, the SHA-256 of a token");

/** A DNS label (RFC 1123), as Kubernetes wants namespaces; cluster names keep to it too, since every stored key begins with one. */
export const dnsLabel = matching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "a DNS label");

const namespacePattern = matching(/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/, "a namespace, * standing for any part of it");

export const bindAddress = matching(/^(localhost|[0-9.]{3,15}|\[?[0-9a-f]*:[0-9a-f:.]*\]?(%\w+)?)$/i, "an IP address or localhost");

/** No runtime's fetch takes a URL with a user or a password in it. */
export const httpUrl = v.pipe(
  v.string("must be an http or https URL"),
  v.check((text) => /^https?:$/.test(urlOf(text)?.protocol ?? ""), "must be an http or https URL"),
  v.check((text) => !(urlOf(text)?.username || urlOf(text)?.password), "must hold no user and no password"),
);

export const hostAndPort = v.pipe(
  matching(/^(\[[0-9a-f:.]+\]|[^:\s]+):\d{1,5}$/, "host:port"),
  v.transform((text): HostAndPort => {
    const colon = text.lastIndexOf(":");
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  }),
);

const base64url = matching(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");
const kid = matching(/^.{1,128}$/, "a key id of 1 to 128 characters");
const publicPart = { kty: v.literal("OKP", "must be OKP"), crv: v.literal("Ed25519", "must be Ed25519"), x: base64url, kid };
const jwk = <Entries extends v.ObjectEntries>(entries: Entries, what: string) =>
  v.object(fieldsOf(entries), (issue) => wrongObject(entries, what, issue));

/** A private key never gets in: who verifies must not be able to sign. */
const publicJwk = jwk({ ...publicPart, d: v.optional(v.never("must not be there: this is a private key")) }, "a public Ed25519 JWK");
const privateJwk = jwk({ ...publicPart, d: base64url }, "a private Ed25519 JWK");

/** One JWK, or a set of them (RFC 7517), as a list. */
const keys = <Key extends v.GenericSchema<unknown, { kid: string }>>(key: Key) =>
  json(
    v.pipe(
      v.unknown(),
      v.transform((value) => (isJwkSet(value) ? value.keys : [value])),
      v.array(key, "must be a list"),
      v.minLength(1, "must hold a key"),
      v.check((all) => new Set(all.map(({ kid }) => kid)).size === all.length, "must hold no two keys of one kid"),
    ),
  );

export const publicKeys = keys(publicJwk);
export const privateKeys = keys(privateJwk);

/** A JSON number; the message names the bounds. */
export const wholeNumber = ({ min, max }: { readonly min: number; readonly max: number }) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(message),
    v.check((value) => Number.isInteger(value) && value >= min && value <= max, message),
  );
};

export const source = json(
  strict(
    {
      cluster: v.optional(dnsLabel),
      auth: v.pipe(v.array(strict({ bearerSha256: sha256Hex }, "an object"), "must be a list"), v.minLength(1, "must hold a credential")),
      namespaces: v.optional(v.pipe(v.array(namespacePattern, "must be a list"), v.minLength(1, "must hold a namespace")), ["*"]),
      environment: v.optional(matching(/^.{1,63}$/, "1 to 63 characters")),
      alertsPerMinute: v.optional(wholeNumber({ min: 1, max: 10_000_000 })),
      backpressure: v.optional(v.picklist(["429", "503"], 'must be "429" or "503"'), "503"),
    },
    "an object",
  ),
);

const windowFields = {
  threshold: v.optional(wholeNumber(WINDOW_BOUNDS.threshold)),
  firstRequestSeconds: v.optional(wholeNumber(WINDOW_BOUNDS.firstRequestSeconds)),
  joinSeconds: v.optional(wholeNumber(WINDOW_BOUNDS.joinSeconds)),
};

/** A rule passes alerts at once or says how they wait, never both and never neither: either would be a slip of the pen. */
export const stormRule = json(
  v.pipe(
    strict(
      {
        priority: v.optional(wholeNumber({ min: 0, max: 1_000 }), 0),
        match: v.pipe(
          strict(
            {
              namespace: v.optional(namespacePattern),
              alertname: v.optional(matching(/^.{1,253}$/s, "a name of 1 to 253 characters, * standing for any part of it")),
              severity: v.optional(v.picklist(["critical", "warning", "info"], "must be critical, warning or info")),
            },
            "an object",
          ),
          v.check((value) => Object.keys(value).length > 0, "must hold namespace, alertname or severity"),
        ),
        bypass: v.optional(v.literal(true, "must be true")),
        ...windowFields,
      },
      "an object",
    ),
    v.check(
      (rule) => (rule.bypass === true) !== Object.keys(windowFields).some((name) => name in rule),
      `must hold either bypass or some of ${Object.keys(windowFields).join(", ")}`,
    ),
  ),
);

export const clusters = json(
  v.pipe(
    v.record(
      dnsLabel,
      strict({ url: httpUrl, keyId: v.optional(v.string("must be a string")) }, "an object"),
      "must be an object: name → url, keyId",
    ),
    v.check((value) => Object.keys(value).length > 0, "must hold a cluster"),
  ),
);

const isJwkSet = (value: unknown): value is { keys: unknown } => typeof value === "object" && value !== null && "keys" in value;

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
