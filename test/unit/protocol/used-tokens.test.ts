import { describe, expect, it } from "vitest";
import { createUsedTokens } from "../../../src/protocol/used-tokens.ts";

describe("the memory of used tokens", () => {
  const open = (rememberedMax?: number) => {
    const time = { nowMs: 0 };
    const tokens = createUsedTokens({ now: () => time.nowMs }, rememberedMax);
    return { time, use: (id: string, expiresAtMs: number) => tokens.use({ id, expiresAtMs, bodySha256: "" }) };
  };

  it("lets each through once as long as it lives", () => {
    const { time, use } = open();
    expect(use("a", 60_000)).toBe("first");
    time.nowMs = 59_999;
    expect(use("a", 60_000)).toBe("spent");
    expect(use("b", 119_000)).toBe("first");
  });

  it("lets none through that expired while its body came in", () => {
    const { time, use } = open();
    time.nowMs = 60_000;
    expect(use("a", 60_000)).toBe("spent");
  });

  it("turns new ones away rather than forget one that lives", () => {
    const { time, use } = open(2);
    use("a", 10_000);
    use("b", 10_000);
    expect(use("c", 10_000)).toBe("full");
    expect(use("a", 10_000)).toBe("spent");
    time.nowMs = 10_000;
    expect(use("d", 20_000)).toBe("first");
  });
});
