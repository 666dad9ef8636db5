import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { createEmulation, type EmulationOptions } from "../../../src/emulation/app.ts";
import type { StoreLimits } from "../../../src/emulation/store.ts";

/** The project's own definition. */
export const crd: unknown = parse(readFileSync("deploy/crd.yaml", "utf8"));

/** An emulation whose time stands still until `clock.nowMs` is set. `ask` brings the token. */
export function openEmulation(limits?: StoreLimits, log?: EmulationOptions["log"]) {
  const clock = { nowMs: Date.parse("2026-11-23T12:00:00.123Z") };
  const emulation = createEmulation({
    crd,
    token: "secret",
    clock: { now: () => clock.nowMs },
    ...(limits && { limits }),
    ...(log && { log }),
  });
  const send = (path: string, init: RequestInit = {}) => emulation.fetch(new Request(`http://emulation${path}`, init));
  const ask = (path: string, init: RequestInit = {}) =>
    send(path, { ...init, headers: { ...(init.headers as Record<string, string>), authorization: "Bearer secret" } });
  return { clock, send, ask, isFull: emulation.isFull };
}
