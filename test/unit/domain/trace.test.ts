import { expect, it } from "vitest";
import { traceIdOf, traceOf } from "../../../src/domain/trace.ts";

const REQUEST = "0123456789abcdef0123456789abcdef";
const SENT = "4bf92f3577b34da6a3ce929d0e0e4736";

it.each([
  ["a sampled one", `00-${SENT}-00f067aa0ba902b7-01`, `00-${SENT}-0123456789abcdef-01`],
  ["one that is not sampled", `00-${SENT}-00f067aa0ba902b7-00`, `00-${SENT}-0123456789abcdef-00`],
  ["one of a later version, with more behind it", `01-${SENT}-00f067aa0ba902b7-01-more`, `00-${SENT}-0123456789abcdef-01`],
])("a request goes on with its sender's trace: %s", (_, header, traceparent) => {
  expect(traceOf(header, REQUEST)).toEqual({ id: SENT, traceparent });
  expect(traceIdOf(traceparent)).toBe(SENT);
});

it.each([
  ["none", undefined],
  ["an empty one", ""],
  ["a trace of zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
  ["a parent of zeros", `00-${SENT}-${"0".repeat(16)}-01`],
  ["a version that is none", `ff-${SENT}-00f067aa0ba902b7-01`],
  ["capitals", `00-${SENT.toUpperCase()}-00f067aa0ba902b7-01`],
  ["something behind it", `00-${SENT}-00f067aa0ba902b7-01x`],
  ["two in one", `00-${SENT}-00f067aa0ba902b7-01, 00-${SENT}-00f067aa0ba902b7-01`],
  ["a line break", `00-${SENT}-00f067aa0ba902b7-01\n`],
])("a request begins a trace of its own where its sender tells %s", (_, header) => {
  expect(traceOf(header, REQUEST)).toEqual({ id: REQUEST, traceparent: `00-${REQUEST}-0123456789abcdef-00` });
});
