import type { Severity } from "./remediation-request.ts";

const words = (severity: Severity | "none", text: string) => text.split(" ").map((word) => [word, severity] as const);

/**
 * Severity words of the systems whose alerts come in, as letters without spaces and hyphens. Where two systems mean
 * different things by one word, the more severe meaning stands.
 */
export const SEVERITY_WORDS: ReadonlyMap<string, Severity | "none"> = new Map([
  // Prometheus rules: `page` and `ticket` say who is to look.
  ...words("critical", "critical page"),
  ...words("warning", "warning warn ticket"),
  ...words("info", "info"),
  ...words("none", "none"),
  // Grafana, Splunk, Elastic, Jira
  ...words("critical", "high highest veryhigh urgent severe serious"),
  ...words("warning", "medium moderate"),
  ...words("info", "low lowest verylow informational information"),
  // Zabbix
  ...words("critical", "disaster"),
  ...words("warning", "average"),
  ...words("info", "notclassified"),
  // Nagios, Icinga, Checkmk, SNMP. An alert that fires with `ok` is still one.
  ...words("critical", "down unreachable"),
  ...words("warning", "unknown pending indeterminate"),
  ...words("info", "ok clear cleared"),
  // Syslog, Google Cloud
  ...words("critical", "emergency emerg panic alert crit error err"),
  ...words("info", "notice debug"),
  // PagerDuty, Sentry, Datadog
  ...words("critical", "fatal"),
  ...words("info", "success trace"),
  // ServiceNow, ITIL, Bugzilla, Alerta
  ...words("critical", "major blocker showstopper catastrophic emergent immediate"),
  ...words("warning", "normal"),
  ...words("info", "minor trivial cosmetic planning"),
  // Azure
  ...words("info", "verbose"),
  // Dynatrace
  ...words("critical", "availability"),
  ...words("warning", "performance resourcecontention customalert monitoringunavailable"),
  // vCenter, Tivoli
  ...words("critical", "red"),
  ...words("warning", "orange amber yellow"),
  ...words("info", "green"),
]);

/** `P1`, `SEV-1`, `S1` by their number: P0 and P1 are of Opsgenie, Datadog and on-call teams, Sev0 to Sev4 also of Azure. */
export const CODE_LEVELS: readonly Severity[] = ["critical", "critical", "warning", "info", "info", "info"];

/** A number alone: 1 to 5 of ServiceNow and ITIL (3 is moderate, 4 low), 0, 6 and 7 of syslog. */
export const NUMBER_LEVELS: readonly Severity[] = ["critical", "critical", "critical", "warning", "info", "info", "info", "info"];
