import type { CustomObjectsApi } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { readLines } from "../../../src/adapters/kubernetes/json-lines.ts";
import { createRequestFeed, type RequestEvent } from "../../../src/adapters/kubernetes/request-feed.ts";

const object = (name: string, resourceVersion: string) => ({
  metadata: { namespace: "shop", name, uid: `uid-${name}`, resourceVersion, creationTimestamp: "2026-03-01T10:00:00Z" },
  spec: { signalFingerprint: "f" },
});
const line = (type: string, of: object) => `${JSON.stringify({ type, object: of })}\n`;

async function* bytes(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = new TextEncoder().encode(text);
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

/** What a watch told, and how it ended, when the server sent `text`. */
async function watch(text: string, namespace: string | null = "shop") {
  const asked: string[] = [];
  const stream = async (path: string) => {
    asked.push(path);
    return bytes(text, 7);
  };
  const events: RequestEvent[] = [];
  const feed = createRequestFeed({ objects: {} as CustomObjectsApi, stream });
  const ending = async () => {
    for await (const event of await feed.watch(namespace, "41", new AbortController().signal)) events.push(event);
    return "ended";
  };
  const end = await ending().catch((error) => error.problem ?? error);
  return { asked, end, told: events.map((event) => (event.kind === "reached" ? event : { kind: event.kind, name: event.request.name })) };
}

describe("a watch's stream", () => {
  it("is asked for from a version on, with bookmarks, for half a minute", async () => {
    const query = "watch=1&resourceVersion=41&timeoutSeconds=30&allowWatchBookmarks=true";
    const path = "/apis/remediation.kubernaut.io/v1alpha1";
    expect((await watch("")).asked).toEqual([`${path}/namespaces/shop/remediationrequests?${query}`]);
    expect((await watch("", null)).asked).toEqual([`${path}/remediationrequests?${query}`]);
  });

  it("tells what appears, changes and goes, and how far it is, over blank lines", async () => {
    const lines = ["\n", line("ADDED", object("é", "42")), line("MODIFIED", object("é", "43")), "\n", line("DELETED", object("é", "44"))];
    const bookmark = line("BOOKMARK", { metadata: { resourceVersion: "50" } });
    expect(await watch([...lines, bookmark].join(""))).toMatchObject({
      end: "ended",
      told: [
        { kind: "present", name: "é" },
        { kind: "present", name: "é" },
        { kind: "removed", name: "é" },
        { kind: "reached", resourceVersion: "50" },
      ],
    });
  });

  it("goes on past a request that somebody made without a spec", async () => {
    const { spec, ...bare } = object("bare", "42");
    const { told, end } = await watch(line("ADDED", bare) + line("ADDED", object("a", "43")));
    expect([told.map(({ kind }) => kind), end]).toEqual([["present", "present"], "ended"]);
  });

  it("drops a line that a disconnect cut off", async () => {
    const { told, end } = await watch(line("ADDED", object("a", "42")) + line("ADDED", object("b", "43")).slice(0, -4));
    expect([told, end]).toEqual([[{ kind: "present", name: "a" }], "ended"]);
  });

  it("ends as expired where the server has forgotten, and as failed on any other error", async () => {
    const refusal = (code: number) => line("ERROR", { kind: "Status", status: "Failure", code, reason: "Expired", message: "too old" });
    expect(await watch(refusal(410))).toMatchObject({ told: [], end: "expired" });
    expect((await watch(refusal(500))).end).toBe("api-error");
  });

  it("ends as invalid on what it cannot read", async () => {
    for (const text of ["no json\n", line("ADDED", {}), line("SHRUNK", object("a", "42")), line("BOOKMARK", {})])
      expect((await watch(text)).end).toBe("reply-invalid");
  });
});

describe("lines", () => {
  it("end as invalid beyond the limit, whether they end or not", async () => {
    const read = async (text: string) => {
      const lines: string[] = [];
      for await (const each of readLines(bytes(text, 3), 10)) lines.push(each);
      return lines;
    };
    expect(await read("0123456789\nab\n")).toEqual(["0123456789", "ab"]);
    await expect(read("0123456789abcdef")).rejects.toMatchObject({ problem: "reply-invalid" });
  });
});
