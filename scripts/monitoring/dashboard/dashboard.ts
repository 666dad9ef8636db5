import {
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { METRICS } from "../../../src/metrics/table.ts";
import { metricsOf } from "../examine.ts";
import { filledIn, type Panel, type Query } from "./panel.ts";
import { ROWS } from "./rows.ts";

const DATASOURCE = { type: "prometheus", uid: "$datasource" };

/** Grafana's grid is 24 wide. */
const SIZES = { lines: [8, 8], stacked: [8, 8], stat: [6, 4] } as const;

const targetOf = ({ expr, legend }: Query, at: number) =>
  new DataqueryBuilder()
    .datasource(DATASOURCE)
    .refId(String.fromCharCode(65 + at))
    .expr(expr)
    .legendFormat(legend);

const ANY_TIMES = { rateInterval: "5m", range: "3h" };

/** What the metrics of a panel mean, by the table of metrics. */
function meaningOf({ queries }: Panel): string {
  const named = new Set(queries.flatMap(({ expr }) => metricsOf(filledIn(expr, ANY_TIMES))));
  return METRICS.filter(({ name }) => named.has(name))
    .map(({ name, help }) => `\`${name}\`: ${help}`)
    .join("\n\n");
}

function panelOf(panel: Panel) {
  const { title, kind, unit, queries } = panel;
  const [width, height] = SIZES[kind];
  const builder = kind === "stat" ? new StatBuilder() : linesOf(kind);
  const placed = builder.title(title).description(meaningOf(panel)).datasource(DATASOURCE).unit(unit).span(width).height(height);
  return queries.reduce((whole, query, at) => whole.withTarget(targetOf(query, at)), placed);
}

const linesOf = (kind: "lines" | "stacked") =>
  kind === "stacked"
    ? named(new LinesBuilder()).fillOpacity(20).stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
    : named(new LinesBuilder()).min(0);

const named = (lines: LinesBuilder) =>
  lines.legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom));

/** The dashboard as Grafana imports it. */
export function dashboard() {
  const builder = new DashboardBuilder("Breakwater")
    .uid("breakwater")
    .description("What comes in, what became of it, and what is wrong. Made from the table of metrics.")
    .tags(["breakwater"])
    .time({ from: "now-3h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .withVariable(
      new QueryVariableBuilder("cluster")
        .label("Cluster")
        .datasource(DATASOURCE)
        .query("label_values(gateway_ledger_up, cluster)")
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .includeAll(true)
        .allValue(".*")
        .multi(true),
    );
  for (const { title, panels } of ROWS) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panelOf(panel));
  }
  return builder.build();
}
