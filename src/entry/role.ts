import type { Config } from "../config/config.ts";
import type { Log } from "../ports/log.ts";
import { openAll } from "./all.ts";
import { openBridge } from "./bridge.ts";
import { openGateway } from "./gateway.ts";
import { openProxy } from "./proxy.ts";

/** Something that listens. */
export interface Server {
  readonly port: number;
  readonly bindAddress: string;
  fetch(request: Request): Promise<Response>;
}

/** A role that is built and not served yet. */
export interface Role {
  /** The first is the role's own. */
  readonly servers: readonly Server[];
  /** Called once they listen, the role's own on `port`; what it returns is for people to read. */
  started(port: number): string;
  /** Called when the role's own server has answered what it took, the others still listen: what is under way ends. */
  stop(): Promise<void>;
}

/** Builds what a process of this configuration runs. Throws with a sentence for people where something it needs is not there. */
export async function openRole(config: Config, log: Log): Promise<Role> {
  switch (config.role) {
    case "gateway":
      return openGateway(config, log);
    case "proxy":
      return openProxy(config, log);
    case "bridge":
      return openBridge(config, log);
    case "all":
      return openAll(config, log);
  }
}
