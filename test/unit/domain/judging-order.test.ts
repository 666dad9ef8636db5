import { describe, expect, it } from "vitest";
import type { ParsedAlert } from "../../../src/domain/alert.ts";
import { inJudgingOrder } from "../../../src/domain/judging-order.ts";
import { ignoredOf } from "../../support/flow-bench.ts";

const alert = (status: "firing" | "resolved", instance: string, startsAtMs = 0) =>
  ({ kind: "alert", fingerprint: "f", instance, status, startsAtMs }) as ParsedAlert;

describe("the judging order", () => {
  it("puts what fires before what resolves and keeps the payload's order otherwise", () => {
    const ignored = { ...ignoredOf("f"), fingerprint: "f" };
    const alerts = [alert("resolved", "a"), alert("firing", "b"), ignored, alert("resolved", "c"), alert("firing", "d")];
    expect(inJudgingOrder(alerts)).toEqual([1, 2, 4, 0, 3]);
  });

  it("keeps the order of an instance that resolved and fired again, after what merely fires", () => {
    const alerts = [alert("firing", "a", 20), alert("resolved", "a", 10), alert("firing", "b", 5)];
    expect(inJudgingOrder(alerts)).toEqual([2, 1, 0]);
  });

  it("goes instance by instance, so that one is firing while another resolves in between", () => {
    const alerts = [alert("resolved", "a", 10), alert("resolved", "c", 11), alert("firing", "c", 21), alert("firing", "a", 20)];
    expect(inJudgingOrder(alerts)).toEqual([0, 3, 1, 2]);
  });

  it("ends an instance that fired and then resolved", () => {
    expect(inJudgingOrder([alert("resolved", "a", 10), alert("firing", "a", 10)])).toEqual([1, 0]);
    expect(inJudgingOrder([alert("resolved", "a", 20), alert("firing", "a", 10)])).toEqual([1, 0]);
  });

  it("takes the instances of two fingerprints for two", () => {
    const alerts = [{ ...alert("resolved", "a", 10), fingerprint: "e" }, alert("firing", "a", 20)];
    expect(inJudgingOrder(alerts)).toEqual([1, 0]);
  });
});
