import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { freePort } from "./free-port.ts";
import { realParts } from "./real-parts.ts";

/** A validating admission webhook that denies whatever it is asked. */
export interface DenyingWebhook {
  /** Where it denies with a code. It blames a field of the object, as the API server itself does. */
  url(code: number): string;
  /** Base64, for `clientConfig`. */
  readonly caBundle: string;
  close(): Promise<void>;
}

const CAUSES = [{ reason: "FieldValueInvalid", field: "spec.signalName", message: "not during the freeze" }];

/** Opens one behind the certificate of the run's API server, which is of this machine's loopback as well. */
export async function openDenyingWebhook(): Promise<DenyingWebhook> {
  const certificate = readFileSync(realParts().caFile);
  const key = readFileSync(realParts().caFile.replace(/crt$/, "key"));
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { request } = JSON.parse(Buffer.concat(await incoming.toArray()).toString()) as { request: { uid: string } };
    const code = Number(incoming.url?.slice(1).split("?")[0]);
    const status = { status: "Failure", code, reason: "Invalid", message: "not during the freeze", details: { causes: CAUSES } };
    const review = {
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: request.uid, allowed: false, status },
    };
    outgoing.setHeader("content-type", "application/json").end(JSON.stringify(review));
  };
  const server = createServer({ cert: certificate, key }, (incoming, outgoing) => void answer(incoming, outgoing));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: (code) => `https://127.0.0.1:${port}/${code}`,
    caBundle: certificate.toString("base64"),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
