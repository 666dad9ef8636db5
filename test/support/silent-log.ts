import type { Log } from "../../src/ports/log.ts";

/** For tests that read no log. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
