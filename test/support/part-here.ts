import { createLog } from "../../src/adapters/system/log.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { type Listening, listen } from "../../src/entry/listen.ts";
import { openRole, type Role } from "../../src/entry/role.ts";
import { freePort } from "./free-port.ts";
import type { AnyPart } from "./part.ts";

/** The same configuration, with this time between two votes of the rules that features are judged by; no setting gives it. */
export const withVotesEach = (voteMs: number, config: Config): Config =>
  "ledger" in config ? { ...config, ledger: { ...config.ledger, voteMs } } : config;

/**
 * Creates parts that run in the test's own process, each built and served as src/entry does from an operator's settings, with another
 * time between two votes. `output` is their log.
 */
export const createPartHere =
  (voteMs: number) =>
  async (env: Readonly<Record<string, string>>): Promise<AnyPart> => {
    const port = await freePort();
    let settings: Readonly<Record<string, string>> = { ...env, PORT: `${port}`, BIND_ADDRESS: "127.0.0.1" };
    let running: { readonly role: Role; readonly server: Listening } | null = null;
    let lines: string[] = [];
    return {
      url: `http://127.0.0.1:${port}`,
      async start(changed = {}) {
        settings = { ...settings, ...changed };
        const loaded = loadConfig(settings, "process");
        if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
        lines = [];
        const log = createLog(loaded.config.logLevel, (line) => lines.push(line));
        const role = await openRole(withVotesEach(voteMs, loaded.config), log);
        const [own] = role.servers;
        if (!own) throw new Error("a role serves nothing");
        running = { role, server: await listen(own) };
        role.started(port);
      },
      output: () => lines.join("\n"),
      async stop() {
        await running?.server.stop();
        await running?.role.stop();
        running = null;
      },
    };
  };
