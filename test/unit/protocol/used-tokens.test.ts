import { describe, expect, it } from "vitest";
import { createUsedTokens } from "../../../src/protocol/used-tokens.ts";

describe("the memory of used tokens", () => {
  const open = (rememberedMax?: number) => {
    const time = { nowMs: 0 };
    const tokens = createUsedTokens({ now: () => time.nowMs }, rememberedMax);
    const use = (id: string, expiresAtMs: number, issuedAtMs = time.nowMs) => tokens.use({ id, issuedAtMs, expiresAtMs, bodySha256: "" });
    return { time, use };
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

  it("lets none through that was issued before it began, and may have been used then, but for clocks 5 s apart", () => {
    const { time, use } = open();
    expect(use("a", 20_000, -5_001)).toBe("before-start");
    time.nowMs = 19_000;
    expect(use("a", 20_000, -5_001)).toBe("before-start");
    expect(use("b", 20_000, -5_000)).toBe("first");
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
