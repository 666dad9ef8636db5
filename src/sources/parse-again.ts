import type { ParsedAlert } from "../domain/alert.ts";
import type { RequestSpec } from "../domain/remediation-request.ts";
import { parseAlertmanager } from "./alertmanager.ts";
import { parseKubernetesEvents } from "./kubernetes-event.ts";
import type { SourceContext } from "./payload.ts";

/** Reads one alert that was kept by itself, as its source wrote it. Null: it looks like nothing that such a source sends. */
export async function parseAgain(
  signalType: RequestSpec["signalType"],
  alert: unknown,
  context: SourceContext,
): Promise<ParsedAlert | null> {
  const payload =
    signalType === "prometheus-alert"
      ? await parseAlertmanager({ alerts: [alert] }, context)
      : await parseKubernetesEvents([alert], context);
  return payload.ok ? (payload.alerts[0] ?? null) : null;
}
