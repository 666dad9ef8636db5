import { ok } from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import { MARKER, sha256 } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import { base64url, callToken, type Forged, hashOf } from "../harness/call-token.ts";
import { exchange } from "../harness/exchange.ts";
import { answers, refused } from "../harness/guarantees.ts";
import { ask, bearer, JSON_TYPE, TRESPASS } from "../harness/request.ts";
import { type Stage, urlOf } from "../harness/stage.ts";

const OPERATIONS = "/proxy/v1/operations";

const spec = (signalName: string) => ({
  signalFingerprint: sha256(signalName),
  signalName,
  severity: "warning",
  environment: "production",
  priority: "P2",
  signalType: "prometheus-alert",
  signalSource: "shop",
  targetType: "kubernetes",
  firingTime: "2026-01-15T09:30:00Z",
  receivedTime: "2026-01-15T09:30:00Z",
  signalLabels: {},
  signalAnnotations: {},
  providerData: "e30=",
  originalPayload: "e30=",
  deduplication: { isDuplicate: false, firstSeen: "2026-01-15T09:30:00Z", lastSeen: "2026-01-15T09:30:00Z", occurrenceCount: 1 },
});

/** An operation that makes an object of this name. */
const ensure = (signalName: string, over: object = {}, namespace = "shop") => ({
  kind: "ensure",
  intent: "intent-of-the-attack",
  retry: false,
  draft: { namespace, spec: { ...spec(signalName), ...over } },
});

const callOf = (operations: readonly unknown[], deadlineMs: unknown = 4_000): string => JSON.stringify({ operations, deadlineMs });
const CALL = callOf([ensure(TRESPASS)]);

const call = (token: string, body = CALL) => ask(OPERATIONS, { method: "POST", headers: [JSON_TYPE, bearer(token)], body });

const forging = (name: string, forged: (stage: Stage) => Forged, holds: Guarantee = answers(401)): Attempt => ({
  name,
  at: "proxy",
  sends: (stage) => call(callToken(stage.keys, stage.cluster, CALL, forged(stage))),
  holds,
});

const now = () => Math.floor(Date.now() / 1000);
const publicJwk = ({ keys }: Stage) => JSON.parse(keys.verifyKey) as Record<string, string>;
const hmac = (bits: 256 | 384 | 512, secret: string | Buffer) => (signed: string) =>
  createHmac(`sha${bits}`, secret).update(signed).digest("base64url");

/** What a token says of its own algorithm must not choose how it is checked. */
const algorithms: readonly Attempt[] = [
  ...["none", "None", "NONE", "nOnE", ""].map((alg) =>
    forging(`the algorithm ${alg || "that is empty"} and no signature`, () => ({ header: { alg }, signature: "" })),
  ),
  forging("no algorithm", () => ({ header: { alg: undefined } })),
  forging("a list of algorithms", () => ({ header: { alg: ["EdDSA"] } })),
  forging("another spelling of the algorithm", () => ({ header: { alg: "eddsa" } })),
  forging("HS256 with the public key as secret", (stage) => ({ header: { alg: "HS256" }, signature: hmac(256, publicJwk(stage).x ?? "") })),
  forging("HS256 with the public key's bytes as secret", (stage) => ({
    header: { alg: "HS256" },
    signature: hmac(256, Buffer.from(publicJwk(stage).x ?? "", "base64url")),
  })),
  forging("HS512 with the public JWK as secret", ({ keys }) => ({ header: { alg: "HS512" }, signature: hmac(512, keys.verifyKey) })),
  forging("HS256 with an empty secret", () => ({ header: { alg: "HS256" }, signature: hmac(256, "") })),
  ...(["RS256", "PS256", "ES256", "ES256K", "RSA-OAEP", "dir", "Ed448"] as const).map((alg) =>
    forging(`the algorithm ${alg}`, () => ({ header: { alg } })),
  ),
  forging("ES256 of a key of its own", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
      header: { alg: "ES256" },
      signature: (signed) => sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url"),
    };
  }),
];

const keys: readonly Attempt[] = [
  forging("a key that the proxy does not know", (stage) => ({ key: stage.keys.foreign })),
  forging("a foreign key in the header", (stage) => ({
    key: stage.keys.foreign,
    header: { jwk: { ...stage.keys.foreign.export({ format: "jwk" }), d: undefined } },
  })),
  forging("a foreign key at a URL", (stage) => ({ key: stage.keys.foreign, header: { jku: "http://127.0.0.1:1/keys" } })),
  forging("a certificate in the header", (stage) => ({ key: stage.keys.foreign, header: { x5c: ["MIIB"], x5t: "AAAA" } })),
  forging("a certificate at a URL", (stage) => ({ key: stage.keys.foreign, header: { x5u: "http://127.0.0.1:1/cert" } })),
  forging("no key id", () => ({ header: { kid: undefined } })),
  ...(
    [
      ["an empty key id", ""],
      ["a key id of nobody", "nobody"],
      ["a key id in capitals", "ATTACKED"],
      ["a path as key id", "../../../../dev/null"],
      ["SQL as key id", "attacked' OR '1'='1"],
      ["an inherited member as key id", "__proto__"],
      ["a list of key ids", ["attacked"]],
      ["null as key id", null],
      ["a number as key id", 0],
      ["a key id of 5,000 characters", "k".repeat(5_000)],
    ] as const
  ).map(([name, kid]) => forging(name, () => ({ header: { kid } }))),
  forging("an extension that must be understood", () => ({ header: { crit: ["breakwater"], breakwater: true } })),
  forging("an empty list of extensions", () => ({ header: { crit: [] } })),
  forging("a payload that is not encoded", () => ({ header: { crit: ["b64"], b64: false } })),
  forging("a header with the algorithm twice", ({ keys: { kid } }) => ({
    header: `{"alg":"EdDSA","kid":"${kid}","alg":"none"}`,
    signature: "",
  })),
  forging("a header that is no JSON", () => ({ header: "{alg:EdDSA}" })),
  forging("a header that is a list", () => ({ header: '["EdDSA"]' })),
  forging("a header that is null", () => ({ header: "null" })),
];

const claims: readonly Attempt[] = (
  [
    ["no audience", { aud: undefined }],
    ["another cluster as audience", { aud: "other" }],
    ["an audience that begins like this one", { aud: "attacked2" }],
    ["the audience in capitals", { aud: "ATTACKED" }],
    ["an empty audience", { aud: "" }],
    ["a list of other audiences", { aud: ["a", "b"] }],
    ["an object as audience", { aud: { attacked: true } }],
    ["no expiry", { exp: undefined }],
    ["an expiry in the past", { exp: now() - 60 }],
    ["an expiry of now", { exp: 1 }],
    ["an expiry in an hour", { exp: now() + 3_600 }],
    ["an expiry in a quarter of an hour", { exp: now() + 900 }],
    ["a negative expiry", { exp: -1 }],
    ["an endless expiry", { exp: 1e300 }],
    ["an expiry as text", { exp: String(now() + 30) }],
    ["an expiry that is null", { exp: null }],
    ["a token not valid yet", { nbf: now() + 3_600 }],
    ["a token issued before the proxy's start", { iat: now() - 3_600 }],
    ["a token issued at no time", { iat: "yesterday" }],
    ["no id", { jti: undefined }],
    ["a short id", { jti: "short" }],
    ["an id of 65 characters", { jti: "i".repeat(65) }],
    ["an id with a line break", { jti: "0123456789abcdef\n" }],
    ["a number as id", { jti: 1234567890123456 }],
    ["a list as id", { jti: ["0123456789abcdef"] }],
    ["no hash of the body", { body_sha256: undefined }],
    ["the hash of another body", { body_sha256: hashOf("{}") }],
    ["the hash of an empty body", { body_sha256: hashOf("") }],
    ["an empty hash", { body_sha256: "" }],
    ["the hash in hex", { body_sha256: Buffer.from(hashOf(CALL), "base64url").toString("hex") }],
    ["the hash with its padding", { body_sha256: `${hashOf(CALL)}=` }],
    ["null as hash", { body_sha256: null }],
  ] as const
).map(([name, changed]) => forging(name, () => ({ claims: changed })));

/** The order of Ed25519's group: adding it to a signature's second half gives another number that a lax check takes for the same. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function malleated(signature: Buffer): Buffer {
  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + ORDER;
  const half = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex").reverse();
  return Buffer.concat([signature.subarray(0, 32), half]);
}

const changing = (name: string, change: (token: string, stage: Stage) => string, holds: Guarantee = answers(401)): Attempt => ({
  name,
  at: "proxy",
  sends: (stage) => call(change(callToken(stage.keys, stage.cluster, CALL), stage)),
  holds,
});

const inParts = (change: (header: string, payload: string, signature: string) => string) => (token: string) => {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return change(header, payload, signature);
};

const signatures: readonly Attempt[] = [
  changing(
    "no signature",
    inParts((header, payload) => `${header}.${payload}`),
  ),
  changing(
    "an empty signature",
    inParts((header, payload) => `${header}.${payload}.`),
  ),
  changing(
    "a signature of zeros",
    inParts((header, payload) => `${header}.${payload}.${base64url(new Uint8Array(64))}`),
  ),
  changing(
    "half a signature",
    inParts((header, payload, signature) => `${header}.${payload}.${signature.slice(0, 43)}`),
  ),
  changing(
    "a signature twice as long",
    inParts((header, payload, signature) => `${header}.${payload}.${signature}${signature}`),
  ),
  changing(
    "a signature with one bit changed",
    inParts((header, payload, signature) => {
      const bytes = Buffer.from(signature, "base64url");
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return `${header}.${payload}.${base64url(bytes)}`;
    }),
  ),
  changing(
    "a signature that a lax check takes for the same",
    inParts((header, payload, signature) => {
      return `${header}.${payload}.${base64url(malleated(Buffer.from(signature, "base64url")))}`;
    }),
  ),
  changing("the signature of another token", (token, stage) =>
    inParts((header, payload) => `${header}.${payload}.${callToken(stage.keys, stage.cluster, "{}").split(".")[2]}`)(token),
  ),
  changing("the payload of another token", (token, stage) =>
    inParts((header, _, signature) => `${header}.${callToken(stage.keys, stage.cluster, "{}").split(".")[1]}.${signature}`)(token),
  ),
  changing("a token of five parts", (token) => `${token}.${token.split(".").slice(0, 2).join(".")}`),
  changing("a token of one part", (token) => token.replaceAll(".", "")),
  changing("empty parts", () => ".."),
  changing("a token in quotes", (token) => `"${token}"`),
  changing("a token and another", (token) => `${token} ${token}`),
  changing("a token of 6,000 characters", (token) => token + "A".repeat(6_000)),
  changing("a token of 200,000 characters", (token) => token + "A".repeat(200_000), refused),
];

const uses: readonly Attempt[] = [
  {
    name: "a token that was used before",
    at: "proxy",
    async sends(stage) {
      const body = callOf([]);
      const token = callToken(stage.keys, stage.cluster, body);
      const first = await exchange(urlOf(stage, "proxy"), call(token, body));
      ok(first.answers[0]?.status === 200, "the first use is refused");
      return call(token, body);
    },
    holds: answers(401),
  },
  {
    name: "a token used twice at once",
    at: "proxy",
    async sends(stage) {
      const body = callOf([]);
      const token = callToken(stage.keys, stage.cluster, body);
      const both = await Promise.all([1, 2, 3, 4].map(() => exchange(urlOf(stage, "proxy"), call(token, body))));
      ok(both.filter(({ answers: [answer] }) => answer?.status === 200).length === 1, "taken more than once");
      return call(token, body);
    },
    holds: answers(401),
  },
  {
    name: "a token with another body",
    at: "proxy",
    sends: ({ keys: pair, cluster }) => call(callToken(pair, cluster, callOf([])), CALL),
    holds: answers(401),
  },
  {
    name: "a token with its body and a space",
    at: "proxy",
    sends: ({ keys: pair, cluster }) => call(callToken(pair, cluster, CALL), `${CALL} `),
    holds: answers(401),
  },
  {
    name: "a token with its body compressed",
    at: "proxy",
    sends: ({ keys: pair, cluster }) =>
      ask(OPERATIONS, {
        method: "POST",
        headers: [JSON_TYPE, "Content-Encoding: gzip", bearer(callToken(pair, cluster, CALL))],
        body: gzipSync(CALL),
      }),
    holds: refused,
  },
  {
    name: "a token in the query",
    at: "proxy",
    sends: ({ keys: pair, cluster }) =>
      ask(`${OPERATIONS}?token=${callToken(pair, cluster, CALL)}`, { method: "POST", headers: [JSON_TYPE], body: CALL }),
    holds: answers(401),
  },
  {
    name: "a token in a cookie",
    at: "proxy",
    sends: ({ keys: pair, cluster }) =>
      ask(OPERATIONS, { method: "POST", headers: [JSON_TYPE, `Cookie: token=${callToken(pair, cluster, CALL)}`], body: CALL }),
    holds: answers(401),
  },
  {
    name: "a token of the source",
    at: "proxy",
    sends: ({ tokens }) => call(tokens.source),
    holds: answers(401),
  },
];

const NOT_DONE: Guarantee = {
  text: "200, and the one operation refused as invalid",
  check({ answers: [answer] }) {
    ok(answer?.status === 200, `answered ${answer?.status}: ${answer?.text.slice(0, 200)}`);
    ok(answer.text === '{"results":[{"kind":"refused","reason":"operation-invalid"}]}', answer.text.slice(0, 300));
  },
};

/** An honest token and a body that reaches beyond an operation. */
const operating = (name: string, body: string, holds: Guarantee): Attempt => ({
  name,
  at: "proxy",
  sends: ({ keys: pair, cluster }) => call(callToken(pair, cluster, body), body),
  holds,
});

const operations: readonly Attempt[] = [
  ...(
    [
      ["a namespace that is a path", ensure(TRESPASS, {}, "../kube-system")],
      ["a namespace with a slash", ensure(TRESPASS, {}, "shop/pods")],
      ["a namespace in capitals", ensure(TRESPASS, {}, "Shop")],
      ["a namespace of 64 characters", ensure(TRESPASS, {}, "s".repeat(64))],
      ["a namespace with a query", ensure(TRESPASS, {}, "shop?fieldManager=x")],
      ["a fingerprint that is a path", ensure(TRESPASS, { signalFingerprint: "../../../../api/v1/secrets" })],
      ["a fingerprint in capitals", ensure(TRESPASS, { signalFingerprint: "A".repeat(64) })],
      ["an intent with a line break", { ...ensure(TRESPASS), intent: "intent\nX: y" }],
      ["a kind that is inherited", { ...ensure(TRESPASS), kind: "__proto__" }],
      ["a kind of nobody", { ...ensure(TRESPASS), kind: "delete" }],
      ["labels that are a list", ensure(TRESPASS, { signalLabels: ["a"] })],
      ["a count of occurrences to begin with", ensure(TRESPASS, { deduplication: { isDuplicate: false, occurrenceCount: 1e9 } })],
      ["an object named by a path", { kind: "observe", request: { namespace: "shop", name: "../secrets/admin", uid: "x" } }],
      ["an object named by an encoded path", { kind: "observe", request: { namespace: "shop", name: "x%2f..%2fsecrets", uid: "x" } }],
      [
        "a record of a negative count",
        {
          kind: "record",
          request: { namespace: "shop", name: "x", uid: "x" },
          slot: "s",
          count: -1,
          firstSeenMs: 0,
          lastSeenMs: 0,
          resolvedAtMs: null,
        },
      ],
      [
        "a slot that is a JSON pointer",
        {
          kind: "record",
          request: { namespace: "shop", name: "x", uid: "x" },
          slot: "/spec/x",
          count: 1,
          firstSeenMs: 0,
          lastSeenMs: 0,
          resolvedAtMs: null,
        },
      ],
      ["null", null],
      ["a number", 1],
    ] as const
  ).map(([name, operation]) => operating(`an operation with ${name}`, callOf([operation]), NOT_DONE)),
  operating("501 operations", callOf(Array(501).fill(null)), answers(422)),
  operating("a deadline of an hour", callOf([], 3_600_000), answers(422)),
  operating("a deadline below zero", callOf([], -1), answers(422)),
  operating("a deadline as text", callOf([], "4000"), answers(422)),
  operating("no JSON", `{${MARKER}`, answers(422)),
  operating("100,000 levels", `{"operations":${"[".repeat(100_000)}${"]".repeat(100_000)},"deadlineMs":1000}`, answers(200, 422)),
  operating("a prototype", `{"__proto__":{"operations":[]},"deadlineMs":1000}`, answers(422)),
];

/** Only a gateway moves the proxy, and only by a token for this very call. */
export const callTokens: Kind = {
  name: "forged calls of the proxy",
  controls: [
    {
      name: "a signed call",
      at: "proxy",
      sends: ({ keys: pair, cluster }) => {
        const body = callOf([ensure(MARKER)]);
        return call(callToken(pair, cluster, body), body);
      },
      holds: {
        text: "200, and an object",
        check({ answers: [answer] }) {
          ok(answer?.status === 200 && answer.text.includes('"kind":"created"'), `${answer?.status} ${answer?.text.slice(0, 300)}`);
        },
      },
    },
  ],
  attempts: [...algorithms, ...keys, ...claims, ...signatures, ...uses, ...operations],
};
