import { describe, expect, it } from "vitest";
import { createSharedLists } from "../../../src/adapters/kubernetes/shared-lists.ts";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function open() {
  const running: { namespace: string; end(error?: Error): void }[] = [];
  let begun = 0;
  const lists = createSharedLists({
    list: (namespace) => {
      begun++;
      return new Promise((resolve, reject) => running.push({ namespace, end: (error) => (error ? reject(error) : resolve([])) }));
    },
  });
  return { lists, running, begun: () => begun };
}

describe("shared lists", () => {
  it("serve all who were waiting when they began, and nobody who came later", async () => {
    const { lists, running, begun } = open();
    const first = [lists("shop"), lists("shop"), lists("shop")];
    await settle();
    expect(begun()).toBe(1);
    const late = [lists("shop"), lists("shop")];
    let answered = false;
    void late[0]?.then(() => (answered = true));
    await settle();
    expect(begun()).toBe(1);
    running[0]?.end();
    await Promise.all(first);
    await settle();
    expect([begun(), answered]).toEqual([2, false]);
    running[1]?.end();
    await Promise.all(late);
  });

  it("keep namespaces apart", async () => {
    const { lists, running } = open();
    void lists("shop");
    void lists("bank");
    await settle();
    expect(running.map(({ namespace }) => namespace)).toEqual(["shop", "bank"]);
  });

  it("fail for those they served and begin anew for the next", async () => {
    const { lists, running, begun } = open();
    const failing = lists("shop");
    await settle();
    const next = lists("shop");
    running[0]?.end(new Error("gone"));
    await expect(failing).rejects.toThrow("gone");
    await settle();
    running[1]?.end();
    expect(await next).toEqual([]);
    expect(begun()).toBe(2);
  });
});
