import * as z from "zod/mini";
import type { HostAndPort } from "../domain/redis-target.ts";
import { WINDOW_BOUNDS } from "./window-bounds.ts";

/** Names of fields that a problem may show. */
const fields = new Set<string>();

/** Whether a name within a setting is one of Breakwater's own. */
export const isField = (name: string): boolean => fields.has(name);

const fieldsOf = <Shape extends z.core.$ZodLooseShape>(shape: Shape): Shape => {
  for (const name of Object.keys(shape)) fields.add(name);
  return shape;
};

/** Every message completes the sentence that begins with the setting's name, and shows nothing of what was set. */
export const strict = <Shape extends z.core.$ZodLooseShape>(shape: Shape, what: string) =>
  z.strictObject(fieldsOf(shape), {
    error: (issue) => (issue.code === "unrecognized_keys" ? `may hold only ${Object.keys(shape).join(", ")}` : `must be ${what}`),
  });

export const matching = (pattern: RegExp, what: string) => z.string(`must be ${what}`).check(z.regex(pattern, `must be ${what}`));

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
export const json = <Shape extends z.core.$ZodType>(shape: Shape) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text, context) => {
        const parsed = parseOnce(text);
        if ("value" in parsed) return parsed.value;
        context.issues.push({ code: "custom", input: text, message: parsed.problem });
        return z.NEVER;
      }),
    ),
    shape,
  );

/** Items by comma. */
export const list = <Item extends z.core.$ZodType<unknown, string>>(item: Item) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text) => text.split(",").map((part) => part.trim())),
    ),
    z.array(item),
  );

export const sha256Hex = matching(/^[0-9a-f]{64}$/, "64 lower-case hex digits, the SHA-256 of a token");

/** A DNS label (RFC 1123), as Kubernetes wants namespaces; cluster names keep to it too, since every stored key begins with one. */
export const dnsLabel = matching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "a DNS label");

const namespacePattern = matching(/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/, "a namespace, * standing for any part of it");

export const bindAddress = matching(/^(localhost|[0-9.]{3,15}|\[?[0-9a-f]*:[0-9a-f:.]*\]?(%\w+)?)$/i, "an IP address or localhost");

/** No runtime's fetch takes a URL with a user or a password in it. */
export const httpUrl = z.string().check(
  z.refine((text) => /^https?:$/.test(urlOf(text)?.protocol ?? ""), "must be an http or https URL"),
  z.refine((text) => !(urlOf(text)?.username || urlOf(text)?.password), "must hold no user and no password"),
);

export const hostAndPort = z.pipe(
  matching(/^(\[[0-9a-f:.]+\]|[^:\s]+):\d{1,5}$/, "host:port"),
  z.transform((text): HostAndPort => {
    const colon = text.lastIndexOf(":");
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  }),
);

const base64url = matching(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");
const kid = matching(/^.{1,128}$/, "a key id of 1 to 128 characters");
const publicPart = fieldsOf({ kty: z.literal("OKP", "must be OKP"), crv: z.literal("Ed25519", "must be Ed25519"), x: base64url, kid });

/** A private key never gets in: who verifies must not be able to sign. */
const publicJwk = z.object(
  fieldsOf({ ...publicPart, d: z.optional(z.undefined("must not be there: this is a private key")) }),
  "must be a public Ed25519 JWK",
);
const privateJwk = z.object({ ...publicPart, d: base64url }, "must be a private Ed25519 JWK");

/** One JWK, or a set of them (RFC 7517), as a list. */
const keys = <Key extends z.core.$ZodType<{ kid: string }>>(key: Key) =>
  json(
    z.pipe(
      z.transform((value) => (isJwkSet(value) ? value.keys : [value])),
      z.array(key).check(
        z.minLength(1, "must hold a key"),
        z.refine((all) => new Set(all.map(({ kid }) => kid)).size === all.length, "must hold no two keys of one kid"),
      ),
    ),
  );

export const publicKeys = keys(publicJwk);
export const privateKeys = keys(privateJwk);

/** A JSON number; the message names the bounds. */
export const wholeNumber = ({ min, max }: { readonly min: number; readonly max: number }) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.number(message).check(z.refine((value) => Number.isInteger(value) && value >= min && value <= max, message));
};

export const source = json(
  strict(
    {
      cluster: z.optional(dnsLabel),
      auth: z.array(strict({ bearerSha256: sha256Hex }, "an object"), "must be a list").check(z.minLength(1, "must hold a credential")),
      namespaces: z._default(z.array(namespacePattern, "must be a list").check(z.minLength(1, "must hold a namespace")), ["*"]),
      environment: z.optional(matching(/^.{1,63}$/, "1 to 63 characters")),
      alertsPerMinute: z.optional(wholeNumber({ min: 1, max: 10_000_000 })),
      backpressure: z._default(z.enum(["429", "503"], 'must be "429" or "503"'), "503"),
    },
    "an object",
  ),
);

const windowFields = {
  threshold: z.optional(wholeNumber(WINDOW_BOUNDS.threshold)),
  firstRequestSeconds: z.optional(wholeNumber(WINDOW_BOUNDS.firstRequestSeconds)),
  joinSeconds: z.optional(wholeNumber(WINDOW_BOUNDS.joinSeconds)),
};

/** A rule passes alerts at once or says how they wait, never both and never neither: either would be a slip of the pen. */
export const stormRule = json(
  strict(
    {
      priority: z._default(wholeNumber({ min: 0, max: 1_000 }), 0),
      match: strict(
        {
          namespace: z.optional(namespacePattern),
          alertname: z.optional(matching(/^.{1,253}$/s, "a name of 1 to 253 characters, * standing for any part of it")),
          severity: z.optional(z.enum(["critical", "warning", "info"], "must be critical, warning or info")),
        },
        "an object",
      ).check(z.refine((value) => Object.keys(value).length > 0, "must hold namespace, alertname or severity")),
      bypass: z.optional(z.literal(true, "must be true")),
      ...windowFields,
    },
    "an object",
  ).check(
    z.refine(
      (rule) => (rule.bypass === true) !== Object.keys(windowFields).some((name) => name in rule),
      `must hold either bypass or some of ${Object.keys(windowFields).join(", ")}`,
    ),
  ),
);

export const clusters = json(
  z
    .record(
      dnsLabel,
      strict({ url: httpUrl, keyId: z.optional(z.string("must be a string")) }, "an object"),
      "must be an object: name → url, keyId",
    )
    .check(z.refine((value) => Object.keys(value).length > 0, "must hold a cluster")),
);

const isJwkSet = (value: unknown): value is { keys: unknown } => typeof value === "object" && value !== null && "keys" in value;

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
