import { describe, expect, it, vi } from "vitest";
import { createProcessBackground } from "../../../src/adapters/system/background.ts";
import { createLog } from "../../../src/adapters/system/log.ts";
import { randomId } from "../../../src/adapters/system/random.ts";

const silent = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });

describe("the log", () => {
  const written = (level: "debug" | "info" | "warn" | "error") => {
    const lines: string[] = [];
    return { lines, log: createLog(level, (line) => lines.push(line)) };
  };

  it("writes one JSON object a line, whatever a field holds", () => {
    const { lines, log } = written("info");
    log.warn("sweep-late", { lagMs: 5, note: 'a\n"b"', done: null });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(JSON.parse(lines[0] as string)).toEqual({ time, level: "warn", event: "sweep-late", lagMs: 5, note: 'a\n"b"', done: null });
  });

  it("leaves out what is below its level", () => {
    const { lines, log } = written("warn");
    for (const level of ["debug", "info", "warn", "error"] as const) log[level]("e");
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(["warn", "error"]);
  });

  it("lets no field pass for the line's own time, level or event", () => {
    const { lines, log } = written("debug");
    log.info("real", { event: "forged", level: "error" });
    expect(JSON.parse(lines[0] as string)).toMatchObject({ level: "info", event: "real" });
  });
});

describe("background work of a process", () => {
  it("is waited for, also what begins while waiting", async () => {
    const background = createProcessBackground(silent());
    const done: string[] = [];
    const later = async () => {
      for (let turn = 0; turn < 20; turn++) await null;
      done.push("later");
    };
    background.run(Promise.resolve().then(() => background.run(Promise.resolve().then(later))));
    await background.settled();
    expect(done).toEqual(["later"]);
  });

  it("logs an error's name, not its text, and goes on", async () => {
    const log = silent();
    const background = createProcessBackground(log);
    background.run(Promise.reject(new TypeError("payload")));
    await background.settled();
    expect(log.error.mock.calls).toEqual([["background-work-failed", { error: "TypeError" }]]);
  });
});

describe("randomness", () => {
  it("gives ids of 32 hex digits, none twice", () => {
    const ids = Array.from({ length: 1_000 }, randomId);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(1_000);
  });
});
