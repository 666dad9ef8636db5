import { askApiServer } from "./real-parts.ts";
import { pathOf, type RequestObject } from "./requests.ts";

/** A controller that knows only its own status fields, and erases all others with each update. */
export interface Controller {
  /** Updates that the API server took. */
  updates(): number;
  stop(): Promise<void>;
}

/** Updates the requests' whole status in turn, several at once, without a pause. */
export function startController(requests: readonly RequestObject[], atOnce = 4): Controller {
  let stopped = false;
  let updates = 0;
  const update = async (request: RequestObject) => {
    const { namespace, name } = request.metadata;
    const path = pathOf(namespace, name);
    const { body } = await askApiServer(path);
    const status = { overallPhase: updates % 2 ? "Processing" : "Analyzing" };
    const answer = await askApiServer(`${path}/status`, { method: "PUT", body: { ...(body as RequestObject), status } });
    if (answer.status === 200) updates++;
    else if (answer.status !== 409) throw new Error(`PUT ${path}/status: ${answer.status}`);
  };
  const run = async (first: number) => {
    for (let at = first; !stopped; at = (at + 1) % requests.length) await update(requests[at] as RequestObject);
  };
  const running = Promise.all(Array.from({ length: atOnce }, (_, loop) => run(Math.floor((loop * requests.length) / atOnce))));
  return {
    updates: () => updates,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
