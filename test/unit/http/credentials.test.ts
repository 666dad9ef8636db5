import { expect, it } from "vitest";
import { webhook } from "../../runtime/payloads.ts";
import { openGateway, PROMETHEUS, sha256, TOKENS } from "./bench.ts";

const READING = ["/metrics", "/api/v1/status", "/api/v1/openapi.json"];
const DEAD_LETTERS = "/api/v1/admin/dead-letters";

it("tokens are compared by their hash, so that what stands in the settings opens nothing", async () => {
  const { ask, post } = openGateway();
  for (const token of Object.values(TOKENS)) {
    expect((await post(webhook([]), sha256(token))).status).toBe(401);
    for (const path of [...READING, DEAD_LETTERS]) expect((await ask(path, { token: sha256(token) })).status).toBe(401);
  }
});

it("each token opens what it is for", async () => {
  const { ask, post } = openGateway();
  const opened = async (token: string) => ({
    ingest: (await post(webhook([]), token)).status,
    reading: await Promise.all(READING.map(async (path) => (await ask(path, { token })).status)),
    deadLetters: (await ask(DEAD_LETTERS, { token })).status,
  });
  expect(await opened(TOKENS.patient)).toEqual({ ingest: 202, reading: [401, 401, 401], deadLetters: 401 });
  expect(await opened(TOKENS.read)).toEqual({ ingest: 401, reading: [200, 200, 200], deadLetters: 403 });
  expect(await opened(TOKENS.admin)).toEqual({ ingest: 401, reading: [200, 200, 200], deadLetters: 200 });
});

it("probes are open to everybody, under any Host", async () => {
  for (const { ask } of [openGateway(), openGateway({ open: true })])
    for (const path of ["/health", "/ready"])
      for (const headers of [{}, { host: "evil.example.com" }, { authorization: "Bearer wrong" }])
        expect((await ask(path, { headers })).status).toBe(200);
});

it("without a source, another Host than this machine's is refused before the body is read", async () => {
  const { ask } = openGateway({ open: true });
  const send = (host: string) => ask(PROMETHEUS, { method: "POST", headers: { host }, body: '{"alerts":[]}' });
  expect((await send("localhost:8787")).status).toBe(202);
  for (const host of [
    "evil.example.com",
    "localhost.evil.example.com",
    "localhost@evil.example.com",
    "127.0.0.1:8787.evil.example.com",
    "127.1",
  ])
    expect((await send(host)).status).toBe(403);
});
