import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import * as z from "zod";
import type { GatewayConfig } from "../../src/config/config.ts";
import { type Finding, findingsOf } from "./finding.ts";

/** Where the gateway takes Alertmanager's webhooks. */
const PATH = "/api/v1/signals/prometheus";

/** No answer of the gateway comes later. */
const ANSWER_MAX_SECONDS = 10;

/** Fewer alerts a webhook cut off what makes a storm. */
const ALERTS_LEAST = 100;

/** Alertmanager's own, in seconds, where a route says nothing. */
const GROUP_INTERVAL = 300;

const ASK_MS = 5_000;

/** What Alertmanager hides in the configuration that it shows. */
const HIDDEN = "<secret>";

const Webhook = z.looseObject({
  url: z.string().default(""),
  send_resolved: z.boolean().default(true),
  max_alerts: z.number().default(0),
  timeout: z.string().default("0s"),
  http_config: z
    .looseObject({
      authorization: z.optional(z.looseObject({ credentials: z.optional(z.string()), credentials_file: z.optional(z.string()) })),
      basic_auth: z.optional(z.looseObject({ password: z.optional(z.string()), password_file: z.optional(z.string()) })),
    })
    .default({}),
});
type Webhook = z.infer<typeof Webhook>;

interface Route {
  readonly receiver?: string | undefined;
  readonly group_interval?: string | undefined;
  readonly routes?: readonly Route[] | undefined;
}
const Route: z.ZodType<Route> = z.looseObject({
  receiver: z.optional(z.string()),
  group_interval: z.optional(z.string()),
  routes: z.optional(z.array(z.lazy(() => Route))),
}) as never;

const Configuration = z.looseObject({
  route: Route,
  receivers: z.array(z.looseObject({ name: z.string(), webhook_configs: z.array(Webhook).default([]) })),
});

const Status = z.looseObject({
  config: z.looseObject({ original: z.string() }),
  cluster: z.looseObject({ status: z.string(), peers: z.nullable(z.array(z.unknown())).default([]) }),
});

type Gateway = Pick<GatewayConfig, "sources" | "alertsPerRequestMax" | "storm">;

const { ok, wrong, unknown } = findingsOf("alertmanager");

/** Reads an Alertmanager's configuration, from a file or from the running one at a URL, as the gateway of these settings would want it; null: no gateway's settings are known. */
export async function examineAlertmanager(place: string, gateway: Gateway | null): Promise<Finding[]> {
  const running = /^https?:/.test(place);
  const found = running ? await ask(place) : { text: readText(place), findings: [] };
  if (found.text === null) return [...found.findings];
  const parsed = Configuration.safeParse(readYaml(found.text));
  const check = running ? `amtool config show --alertmanager.url=${place}` : `amtool check-config ${place}`;
  if (!parsed.success) return [wrong("alertmanager-config-invalid", `${place} is no Alertmanager configuration`, check)];
  return [...found.findings, ...examine(parsed.data, place, gateway)];
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

async function ask(url: string): Promise<{ readonly text: string | null; readonly findings: readonly Finding[] }> {
  const address = `${url.replace(/\/$/, "")}/api/v2/status`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(ASK_MS) }).then(
    (response) => response.json(),
    () => null,
  );
  const status = Status.safeParse(answer);
  if (!status.success)
    return { text: null, findings: [wrong("alertmanager-unreachable", `${url} does not answer as an Alertmanager`, `curl -i ${address}`)] };
  const { config, cluster } = status.data;
  const peers = cluster.peers?.length ?? 0;
  const findings =
    cluster.status === "ready" || cluster.status === "disabled"
      ? [ok("alertmanager-cluster", peers > 1 ? `${peers} Alertmanagers know each other` : "one Alertmanager, without peers")]
      : [
          wrong(
            "alertmanager-cluster-unsettled",
            `its peers do not find each other (${cluster.status}): each sends every group`,
            `amtool cluster show --alertmanager.url=${url}`,
          ),
        ];
  return { text: config.original, findings };
}

function examine({ route, receivers }: z.infer<typeof Configuration>, place: string, gateway: Gateway | null): Finding[] {
  const ours = receivers.filter(({ webhook_configs }) => webhook_configs.some(({ url }) => url.includes("/api/v1/signals")));
  const edit = running(place) ? "edit its configuration file, then curl -X POST <alertmanager>/-/reload" : `amtool check-config ${place}`;
  if (ours.length === 0)
    return [wrong("alertmanager-no-receiver", `no receiver sends to ${PATH}`, `add a receiver with webhook_configs, then ${edit}`)];
  return ours.flatMap(({ name, webhook_configs }) => [
    ...examineRoutes(name, route, gateway, edit),
    ...webhook_configs
      .filter(({ url }) => url.includes("/api/v1/signals"))
      .flatMap((webhook) => examineWebhook(name, webhook, gateway, edit)),
  ]);
}

const running = (place: string) => /^https?:/.test(place);

function examineRoutes(name: string, route: Route, gateway: Gateway | null, edit: string): Finding[] {
  const intervals = intervalsTo(name, route, undefined, GROUP_INTERVAL);
  if (intervals.length === 0)
    return [wrong("alertmanager-not-routed", `no route leads to the receiver ${name}`, `add a route, then ${edit}`)];
  const longest = Math.max(...intervals);
  const joinSeconds = (gateway?.storm.enabled ? gateway.storm.defaults.joinMs : Number.POSITIVE_INFINITY) / 1_000;
  return joinSeconds < 2 * longest
    ? [
        wrong(
          "storms-fall-apart",
          `group_interval of ${longest} s: a storm that nothing joins for ${joinSeconds} s ends between two sendings`,
          `set STORM_JOIN_SECONDS to ${2 * longest} or more and start the gateway again, or lower group_interval`,
        ),
      ]
    : [ok("alertmanager-routed", `a route leads to ${name}`)];
}

/** The group_interval of each route to a receiver, in seconds. */
function intervalsTo(name: string, route: Route, parent: string | undefined, inherited: number): number[] {
  const receiver = route.receiver ?? parent;
  const interval = route.group_interval === undefined ? inherited : secondsOf(route.group_interval);
  const below = (route.routes ?? []).flatMap((child) => intervalsTo(name, child, receiver, interval));
  return receiver === name ? [interval, ...below] : below;
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 };

/** Of a duration as Prometheus writes it, such as 1h30m. */
const secondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] ?? 0), 0);

function examineWebhook(name: string, webhook: Webhook, gateway: Gateway | null, edit: string): Finding[] {
  const { url, send_resolved, max_alerts } = webhook;
  const seconds = secondsOf(webhook.timeout);
  const findings: Finding[] = [];
  if (pathOf(url) !== PATH)
    findings.push(
      wrong("alertmanager-path", `${name} sends to ${pathOf(url)}, where nothing takes it`, `end its url with ${PATH}, then ${edit}`),
    );
  if (!send_resolved)
    findings.push(
      wrong("resolved-not-sent", `${name} sends no resolves, so nothing is ever resolved`, `set send_resolved: true, then ${edit}`),
    );
  if (max_alerts > 0 && max_alerts < ALERTS_LEAST)
    findings.push(
      wrong("alerts-cut", `max_alerts of ${max_alerts} at ${name}: what is cut off is never sent`, `set max_alerts: 0, then ${edit}`),
    );
  if (gateway && max_alerts > gateway.alertsPerRequestMax)
    findings.push(
      wrong(
        "webhooks-too-large",
        `max_alerts of ${max_alerts} at ${name} is more than a webhook may hold`,
        `set max_alerts: ${gateway.alertsPerRequestMax}, then ${edit}`,
      ),
    );
  if (seconds > 0 && seconds < ANSWER_MAX_SECONDS)
    findings.push(
      wrong(
        "alertmanager-impatient",
        `${name} waits ${seconds} s; an answer takes up to ${ANSWER_MAX_SECONDS} s`,
        `set timeout: 15s, then ${edit}`,
      ),
    );
  findings.push(...examineCredential(name, webhook, gateway, edit));
  return findings.length > 0 ? findings : [ok("alertmanager-receiver", `${name} sends what the gateway needs`)];
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);

function examineCredential(name: string, { http_config }: Webhook, gateway: Gateway | null, edit: string): Finding[] {
  if (!gateway || gateway.sources.length === 0) return [];
  const { authorization, basic_auth } = http_config;
  const secret = authorization?.credentials ?? basic_auth?.password ?? textIn(authorization?.credentials_file ?? basic_auth?.password_file);
  const set = `set http_config.authorization.credentials to a token of a SOURCE_<NAME>, then ${edit}`;
  if (!authorization && !basic_auth)
    return [wrong("alertmanager-no-credential", `${name} sends no credential, and the gateway has sources`, set)];
  if (secret === null || secret === HIDDEN)
    return [
      unknown(
        "alertmanager-credential-hidden",
        `the credential of ${name} cannot be read from here`,
        "run the doctor with its configuration file",
      ),
    ];
  const hash = createHash("sha256").update(secret).digest("hex");
  const known = gateway.sources.some(({ bearerSha256 }) => bearerSha256.includes(hash));
  return known ? [] : [wrong("alertmanager-credential-unknown", `the credential of ${name} is no source's`, set)];
}

function textIn(path: string | undefined): string | null {
  return path === undefined ? null : readText(path)?.trim() || null;
}
