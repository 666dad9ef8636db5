import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "undici";
import { freePort } from "./free-port.ts";
import { realParts } from "./real-parts.ts";

export interface FrontedServer {
  readonly url: string;
  readonly caFile: string;
}

/** A place before the API server where a test sees what passes, and lets it pass, hang or break. Credentials pass unchanged. */
export interface KubernetesFront {
  readonly url: string;
  /** What came in since the start and was passed on, as `<method> <path>`. */
  readonly passed: readonly string[];
  /** New requests wait, and answers that have begun stop, until `open`. */
  hold(): void;
  /** What came in while held, and waits; in the same words. */
  held(): readonly string[];
  /** New requests, those that wait, and those that were passed on lose their connection, until `open`. */
  cut(): void;
  /** Two of three new requests are answered 429, as API priority and fairness does, until `open`. */
  throttle(): void;
  /** Lets everything through again, what waited included. */
  open(): void;
  /** Passes on to another API server from now on; what is on its way breaks off. */
  moveTo(server: FrontedServer): void;
  close(): Promise<void>;
}

const agentFor = ({ caFile }: FrontedServer) => new Agent({ connect: { ca: readFileSync(caFile) } });

function tooMany(outgoing: ServerResponse): void {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    reason: "TooManyRequests",
    message: "too many requests",
    code: 429,
  };
  outgoing.writeHead(429, { "content-type": "application/json", "retry-after": "1" }).end(JSON.stringify(status));
}

/** A front before an API server, the run's unless another is named. */
export async function openKubernetesFront(fronted?: FrontedServer): Promise<KubernetesFront> {
  let server = fronted ?? { url: realParts().apiServerUrl, caFile: realParts().caFile };
  let dispatcher = agentFor(server);
  const passed: string[] = [];
  const waiting: { readonly line: string; resume(): void }[] = [];
  const passing = new Set<IncomingMessage>();
  let mode: "open" | "hold" | "cut" | "throttle" = "open";
  let turn = 0;

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "GET", url = "/", headers } = incoming;
    const { authorization, accept } = headers;
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const body = Buffer.concat(await incoming.toArray());
    const answer = await request(new URL(url, server.url), {
      method: method as "GET",
      dispatcher,
      signal: gone.signal,
      headers: { authorization, accept, "content-type": headers["content-type"] ?? "application/json" },
      ...(body.length > 0 && { body }),
    });
    outgoing.writeHead(answer.statusCode, { "content-type": `${answer.headers["content-type"]}` }).flushHeaders();
    for await (const chunk of answer.body) {
      if (mode === "hold") await new Promise<void>((resume) => waiting.push({ line: "", resume }));
      outgoing.write(chunk);
    }
    outgoing.end();
  };
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const line = `${incoming.method} ${incoming.url}`;
    if (mode === "hold") await new Promise<void>((resume) => waiting.push({ line, resume }));
    turn += 1;
    if (mode === "cut") incoming.socket.destroy();
    else if (mode === "throttle" && turn % 3 > 0) tooMany(outgoing);
    else {
      passed.push(line);
      passing.add(incoming);
      await pass(incoming, outgoing).catch(() => incoming.socket.destroy());
      passing.delete(incoming);
    }
  };

  const listener = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  const port = await freePort();
  await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
  const change = (to: typeof mode) => {
    mode = to;
    if (to === "cut") for (const { socket } of passing) socket.destroy();
    if (to !== "hold") for (const { resume } of waiting.splice(0)) resume();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    hold: () => change("hold"),
    held: () => waiting.flatMap(({ line }) => line || []),
    cut: () => change("cut"),
    throttle: () => change("throttle"),
    open: () => change("open"),
    moveTo(next) {
      const previous = dispatcher;
      server = next;
      dispatcher = agentFor(next);
      void previous.destroy();
    },
    async close() {
      change("open");
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
      await dispatcher.close();
    },
  };
}
