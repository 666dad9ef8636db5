import { type Front, openFront } from "./front.ts";

/** What can become of a call on its way to a part and back. */
export const FAULTS = ["drop-before", "drop-after", "delay", "answer-429", "answer-503", "answer-html", "truncate", "half-open"] as const;
export type Fault = (typeof FAULTS)[number];

/** A place before a part that breaks what passes. */
export interface FaultFront extends Pick<Front, "url" | "close"> {
  /** From now on this share of the calls, all unless said, meets a fault; null: none does, and what still waits goes on. */
  set(fault: Fault | null, share?: number): void;
}

export interface FaultFrontOptions {
  /** The part's address now. */
  readonly target: () => string;
  readonly delayMs?: number;
  /** 0 to 1: which calls meet the fault. */
  readonly random?: () => number;
}

const HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const html = () => new Response(HTML, { status: 502, headers: { "content-type": "text/html" } });
const json = (status: number, body: object) => Response.json(body, { status, headers: { "retry-after": "1" } });

/** Opens one that lets everything pass. */
export async function openFaultFront({ target, delayMs = 3_000, random = Math.random }: FaultFrontOptions): Promise<FaultFront> {
  let [current, share]: [Fault | null, number] = [null, 1];
  const waiting = new Set<() => void>();
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(go, ms);
      function go() {
        clearTimeout(timer);
        waiting.delete(go);
        resolve();
      }
      waiting.add(go);
    });
  const meet: Readonly<Record<Fault, (pass: () => Promise<Response>) => Promise<Response>>> = {
    "drop-before": () => Promise.reject(new Error("dropped")),
    "drop-after": async (pass) => {
      // Only once the part is done with it.
      await (await pass()).arrayBuffer();
      throw new Error("dropped");
    },
    delay: (pass) => wait(delayMs).then(pass),
    "answer-429": async () => json(429, { error: "ERR too many requests" }),
    "answer-503": async () => json(503, { error: "UNAVAILABLE by the test" }),
    "answer-html": async () => html(),
    truncate: async (pass) => {
      const answer = await pass();
      const text = await answer.text();
      return new Response(text.slice(0, Math.floor(text.length / 2)), { status: answer.status, headers: answer.headers });
    },
    // Somebody took the call and is never heard of again.
    "half-open": () => wait(120_000).then(() => Promise.reject(new Error("dropped"))),
  };
  const { url, close } = await openFront({
    target,
    answer: (_, pass) => (current && random() < share ? meet[current](pass) : pass()),
  });
  const set = (fault: Fault | null, of = 1) => {
    [current, share] = [fault, of];
    if (!fault) for (const go of [...waiting]) go();
  };
  return {
    url,
    set,
    async close() {
      set(null);
      await close();
    },
  };
}
