import { expect, it } from "vitest";
import type { CustomObject } from "../../../src/emulation/object.ts";
import { createStore } from "../../../src/emulation/store.ts";

it("forgets old versions sooner where objects are large, so that its memory stays bounded", () => {
  const limits = { objectsMax: 10, charactersMax: 10_000_000 };
  const store = createStore({
    firstVersion: 100,
    limits,
    subject: (name) => ({ group: "example.com", kind: "things", name }),
    isOver: () => false,
  });
  const metadata = { name: "a", namespace: "b", uid: "u", resourceVersion: "", generation: 1, creationTimestamp: "" };
  const object: CustomObject = { apiVersion: "example.com/v1", kind: "Thing", metadata, spec: { text: "x".repeat(1_500_000) } };
  for (let round = 0; round < 60; round += 1) store.put(object);
  expect(store.since(100)).toBeNull();
  expect(store.since(156)).toHaveLength(4);
});
