import { Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { TERMINAL_PHASES } from "../domain/remediation-request.ts";
import type { Log } from "../ports/log.ts";
import { type Definition, readDefinition } from "./definition.ts";
import { discoveryRoutes } from "./discovery.ts";
import { withBearer } from "./kubeconfig.ts";
import { neighbourRoutes } from "./neighbours.ts";
import type { CustomObject } from "./object.ts";
import { openapiRoutes } from "./openapi.ts";
import { createReading } from "./reading.ts";
import type { EmulationClock, Resource } from "./resource.ts";
import { failureBody, internalError, methodNotAllowed, StatusError, tooLarge, unauthorized, unknownPath } from "./status.ts";
import { createStore, type StoreLimits } from "./store.ts";
import { createStrategy, type Part } from "./strategy.ts";
import { createWriting } from "./writing.ts";

export interface EmulationOptions {
  /** The resource to serve: a CustomResourceDefinition as parsed from its manifest. */
  readonly crd: unknown;
  /** What every request must bring: as bearer token, or as the path begins in a `kubeconfig`. Without "/" and characters that a URL escapes. */
  readonly token: string;
  readonly clock: EmulationClock;
  readonly log?: Pick<Log, "error" | "warn">;
  readonly limits?: StoreLimits;
}

export interface Emulation {
  fetch(request: Request): Promise<Response>;
  /** Whether an object was refused for want of room, and there is none yet: all that it holds are live. */
  isFull(): boolean;
}

/** The API server's limit on a body, in bytes. */
const BODY_BYTES_MAX = 3 * 1024 * 1024;

/**
 * Room for trying things out, for more than a ledger in process may wait for, in some 100 MB of memory. What is beyond is refused like an exceeded
 * quota, where nothing that is over can go for it.
 */
const LIMITS: StoreLimits = { objectsMax: 8_000, charactersMax: 24 * 1024 * 1024 };

const VERSION = {
  major: "1",
  minor: "33",
  gitVersion: "v1.33.0+breakwater-emulation",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
};

/**
 * As much of the Kubernetes API as RemediationRequests need, in memory: for kubectl, `@kubernetes/client-node` and the proxy. Objects live as long as the
 * process. A namespace need not be created; nothing is authorised beyond the token. Throws where it cannot serve the definition faithfully.
 */
export function createEmulation({ crd, token, clock, log, limits = LIMITS }: EmulationOptions): Emulation {
  const definition = readDefinition(crd);
  const subject = (name: string) => ({ group: definition.group, kind: definition.plural, name });
  // Time in ms outruns the count of writes, so versions of an earlier run are below: their holders have to list again.
  const store = createStore({ firstVersion: clock.now(), limits, subject, isOver });
  const resource: Resource = { definition, store, strategy: createStrategy(definition), clock };
  const occupied = () => new Set(store.list(null, "").map(({ metadata }) => metadata.namespace));

  const app = new Hono();
  let wasFull = false;
  const noteFull = () => {
    const isFull = store.isFull();
    if (isFull && !wasFull) log?.warn("emulation-full", { ...limits, remedy: "end or delete requests, or set KUBE_CONFIG" });
    wasFull = isFull;
  };
  app.onError((error) => {
    const status = toStatus(error);
    if (status.code === 500 && !(error instanceof StatusError)) log?.error("emulation-failed", { error: error.name });
    return Response.json(failureBody(status), { status: status.code });
  });
  app.notFound((c) => c.json(failureBody(unknownPath()), 404));
  app.use(bearerAuth({ token }));
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => {
        throw tooLarge();
      },
    }),
  );
  app.get("/version", (c) => c.json(VERSION));
  for (const path of ["/healthz", "/livez", "/readyz"]) app.get(path, (c) => c.text("ok"));
  app.route("/", discoveryRoutes(definition));
  app.route("/", openapiRoutes(definition));
  app.route("/", neighbourRoutes(definition, clock, occupied));
  app.route(`/apis/${definition.apiVersion}`, resourceRoutes(definition, resource));
  return {
    async fetch(request) {
      const answer = await app.fetch(withBearer(request));
      noteFull();
      return answer;
    },
    isFull: store.isFull,
  };
}

/** Whether an object is one that has come to its end, by the words of RemediationRequests. */
const isOver = ({ status }: CustomObject): boolean => TERMINAL_PHASES.has(String(status?.overallPhase));

function resourceRoutes({ plural }: Definition, resource: Resource): Hono {
  const [reading, writing] = [createReading(resource), createWriting(resource)];
  const app = new Hono();
  const [all, each] = [`/namespaces/:namespace/${plural}`, `/namespaces/:namespace/${plural}/:name`] as const;
  const ofOne = (c: { req: { param(key: string): string | undefined } }) =>
    [c.req.param("namespace") ?? "", c.req.param("name") ?? ""] as const;
  app.get(`/${plural}`, (c) => reading.list(c, null));
  app.get(all, (c) => reading.list(c, c.req.param("namespace") ?? ""));
  app.post(all, (c) => writing.create(c, c.req.param("namespace") ?? ""));
  app.delete(all, (c) => writing.removeAll(c, c.req.param("namespace") ?? ""));
  for (const [path, part] of [
    [each, "main"],
    [`${each}/status`, "status"],
  ] satisfies [string, Part][]) {
    app.get(path, (c) => reading.get(c, ...ofOne(c)));
    app.put(path, (c) => writing.replace(c, ...ofOne(c), part));
    app.patch(path, (c) => writing.patch(c, ...ofOne(c), part));
  }
  app.delete(each, (c) => writing.remove(c, ...ofOne(c)));
  for (const path of [`/${plural}`, all, each, `${each}/status`]) {
    app.all(path, () => {
      throw methodNotAllowed();
    });
  }
  return app;
}

/** hono's own errors come from the check of the token alone. */
function toStatus(error: Error): StatusError {
  if (error instanceof StatusError) return error;
  return error instanceof HTTPException ? unauthorized() : internalError();
}
