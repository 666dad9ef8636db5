import { importJWK, SignJWT, UnsecuredJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { createSigner, createVerifier, hashBody, type SigningKey, type VerifyKeys } from "../../../src/protocol/token.ts";
import { newKey } from "../proxy/keys.ts";

const NOW_MS = Date.parse("2026-03-01T10:00:00.000Z");
const body = new TextEncoder().encode('{"operations":[]}');

describe("a token", () => {
  let signingKey: SigningKey;
  let verifyKeys: VerifyKeys;
  let nowMs = NOW_MS;
  const clock = { now: () => nowMs };
  beforeEach(async () => {
    nowMs = NOW_MS;
    ({ signingKey, verifyKeys } = await newKey("k1"));
  });

  const sign = () => createSigner("east", signingKey, clock)(body);
  const verify = (token: string) => createVerifier("east", verifyKeys, clock)(token);
  const forge = async (claims: object, header: object = {}, key = signingKey) =>
    new SignJWT({ body_sha256: await hashBody(body), jti: crypto.randomUUID(), aud: "east", exp: NOW_MS / 1000 + 30, ...claims })
      .setProtectedHeader({ alg: "EdDSA", kid: "k1", ...header })
      .sign(await importJWK({ ...key }, "EdDSA"));

  it("vouches for the body it was signed with", async () => {
    const grant = await verify(await sign());
    expect(grant?.bodySha256).toBe(await hashBody(body));
    expect(grant?.expiresAtMs).toBeLessThanOrEqual(NOW_MS + 60_000);
  });

  it("tells when it was issued, also one of a signer that does not say so", async () => {
    nowMs += 999;
    expect(await verify(await sign())).toMatchObject({ issuedAtMs: NOW_MS + 999, expiresAtMs: NOW_MS + 30_000 });
    expect(await verify(await forge({}))).toMatchObject({ issuedAtMs: NOW_MS });
  });

  it("is another each time", async () => {
    const [first, second] = [await verify(await sign()), await verify(await sign())];
    expect(first?.id).not.toBe(second?.id);
  });

  it("holds for clocks 25 s apart, and expires", async () => {
    const token = await sign();
    for (const apartMs of [-25_000, 25_000]) {
      nowMs = NOW_MS + apartMs;
      expect(await verify(token)).not.toBeNull();
    }
    nowMs = NOW_MS + 30_000;
    expect(await verify(token)).toBeNull();
  });

  it("is refused when it claims to live longer than 60 s", async () => {
    expect(await verify(await forge({ exp: NOW_MS / 1000 + 60 }))).not.toBeNull();
    expect(await verify(await forge({ exp: NOW_MS / 1000 + 61 }))).toBeNull();
  });

  it("is refused for another cluster, without its claims, or with odd ones", async () => {
    expect(await verify(await forge({}))).not.toBeNull();
    for (const claims of [
      { aud: "west" },
      { aud: undefined },
      { exp: undefined },
      { jti: undefined },
      { jti: "short" },
      { body_sha256: "" },
    ])
      expect(await verify(await forge(claims))).toBeNull();
  });

  it("is refused from an unknown key, from one that names another's id, and without an id", async () => {
    const stranger = await newKey("k2");
    expect(await verify(await forge({}, { kid: "k2" }, stranger.signingKey))).toBeNull();
    expect(await verify(await forge({}, { kid: "k1" }, stranger.signingKey))).toBeNull();
    expect(await verify(await forge({}, { kid: undefined }))).toBeNull();
  });

  it("is refused unsigned, altered, or signed by another algorithm", async () => {
    const token = await sign();
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const swapped = btoa(atob(payload.replaceAll("-", "+").replaceAll("_", "/")).replace("east", "west")).replace(/=+$/, "");
    const hmac = new SignJWT({ body_sha256: await hashBody(body), jti: crypto.randomUUID(), aud: "east", exp: NOW_MS / 1000 + 30 })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode(signingKey.x));
    const unsigned = new UnsecuredJWT({ aud: "east", jti: crypto.randomUUID(), body_sha256: await hashBody(body) })
      .setExpirationTime("30 s")
      .encode();
    for (const bad of [
      `${header}.${swapped}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      await hmac,
      unsigned,
      "",
      "a.b.c",
    ])
      expect(await verify(bad)).toBeNull();
  });

  it("can come from either of two keys while one replaces the other", async () => {
    const next = await newKey("k2");
    const both = createVerifier("east", { keys: [...verifyKeys.keys, ...next.verifyKeys.keys] }, clock);
    expect(await both(await sign())).not.toBeNull();
    expect(await both(await createSigner("east", next.signingKey, clock)(body))).not.toBeNull();
  });
});
