import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { askApiServer, freshName, freshNamespace, kubectl, realParts } from "../support/real-parts.ts";

describe("the real parts of a run", () => {
  it("have a Redis that never evicts", async () => {
    const redis = new Redis(realParts().redisUrl);
    expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    redis.disconnect();
  });

  it("have a bridge before that Redis which asks for its token", async () => {
    const { bridgeUrl, bridgeToken, redisUrl } = realParts();
    const key = freshName("real-parts");
    const send = (token: string) =>
      fetch(bridgeUrl, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(["SET", key, "here"]) });
    expect((await send("not-the-token")).status).toBe(401);
    expect((await send(bridgeToken)).status).toBe(200);
    const redis = new Redis(redisUrl);
    expect(await redis.get(key)).toBe("here");
    redis.disconnect();
  });

  it("have an API server whose certificate its private authority vouches for", async () => {
    const namespace = await freshNamespace();
    expect(await askApiServer(`/api/v1/namespaces/${namespace}`)).toMatchObject({ status: 200, body: { kind: "Namespace" } });
    expect(kubectl(["get", "namespace", namespace, "--output=name"])).toBe(`namespace/${namespace}\n`);
  });
});
