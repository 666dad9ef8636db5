import { parse } from "yaml";
import { createEmulation } from "../../../src/emulation/app.ts";

/** Serves the emulation on a free port under Bun, as the embedded default does, and prints its address. For tests that need a real client. */
const [token = "", crdPath = ""] = Bun.argv.slice(2);
const emulation = createEmulation({ crd: parse(await Bun.file(crdPath).text()), token, clock: { now: Date.now } });
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: (request) => emulation.fetch(request) });
console.log(server.url.origin);
