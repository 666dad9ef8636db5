import { Agent, request } from "node:http";

/** One webhook: its status, or the code of the error that ended it, and when it was sent and answered, ms of `performance.now()`. */
export interface Sent {
  readonly outcome: number | string;
  readonly sentMs: number;
  readonly endedMs: number;
}

/** Beyond as many that wait for their answer none is sent: a busy machine makes the load smaller, and not its answers late. */
const UNDER_WAY_MAX = 50;

/**
 * Sends a body `perSecond` times a second, every other time on a connection that is kept, else on one of its own, until `stop` is called;
 * that resolves with what became of each.
 */
export function startLoad(url: string, body: (at: number) => string, perSecond: number): { stop(): Promise<readonly Sent[]> } {
  const kept = new Agent({ keepAlive: true });
  const sent: Promise<Sent>[] = [];
  const each = new Agent({ keepAlive: false });
  let underWay = 0;
  const sendOne = async () => {
    underWay += 1;
    const one = await send(url, body(sent.length), sent.length % 2 === 0 ? kept : each);
    underWay -= 1;
    return one;
  };
  let lookedMs = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    due += ((nowMs - lookedMs) / 1_000) * perSecond;
    lookedMs = nowMs;
    for (; due >= 1; due -= 1) if (underWay < UNDER_WAY_MAX) sent.push(sendOne());
  }, 5);
  return {
    async stop() {
      clearInterval(timer);
      const all = await Promise.all(sent);
      kept.destroy();
      return all;
    },
  };
}

function send(url: string, body: string, agent: Agent): Promise<Sent> {
  const sentMs = performance.now();
  return new Promise((resolve) => {
    const end = (outcome: number | string) => resolve({ outcome, sentMs, endedMs: performance.now() });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    request(url, { method: "POST", agent, headers }, (answer) => {
      answer.resume().on("end", () => end(answer.statusCode ?? 0));
      answer.on("error", ({ message }) => end(message));
    })
      .on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
      .end(body);
  });
}
