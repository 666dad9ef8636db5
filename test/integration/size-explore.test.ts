import { it } from "vitest";
import { startInstallation } from "../support/installation.ts";
import { forgetPeak, peakMiB } from "../support/memory.ts";
import type { Runtime } from "../runtime/runtimes.ts";

const alert = (i: number, tag: string, pad: number) => ({ status: "firing", labels: { alertname: `Big${tag}`, namespace: `kubernaut-system`, pod: `web-${tag}-${i}-abcdef`, container: "app", severity: "warning", prometheus: "monitoring/k8s", job: "kube-state-metrics", team: "shop" }, annotations: { summary: "Pod is crash looping.", description: `Pod ns/web-${i} (app) is in waiting state (reason: CrashLoopBackOff).${"x".repeat(pad)}` }, startsAt: "2026-01-15T09:30:00Z", endsAt: "0001-01-01T00:00:00Z", generatorURL: "http://prometheus.example.com/graph?g0.expr=x", fingerprint: (i + 1e12).toString(16).padStart(16, "0") });
const body = (n: number, tag: string, pad = 0) => JSON.stringify({ version: "4", groupKey: `{}:{${tag}}`, receiver: "r", externalURL: "http://am", alerts: Array.from({ length: n }, (_, i) => alert(i, tag, pad)) });
const which = (process.env.RT ?? "bun,node,deno").split(",") as Runtime[];
const N = Number(process.env.N ?? 50_000), PAD = Number(process.env.PAD ?? 130);
it("explores", { timeout: 900_000 }, async () => {
  const inst = await startInstallation({ gateway: { ENABLE_STORM_BUFFERING: "true" } });
  try {
    for (const rt of which) {
      const gw = await inst.addGateway({}, rt);
      const post = async (text: string | Uint8Array) => {
        const t = performance.now();
        try {
          const r = await fetch(`${gw.url}/api/v1/signals/prometheus`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${inst.sourceToken}` }, body: text as any });
          const a = await r.text();
          return `${r.status} ${r.ok ? a.length : a.slice(0, 120)} ${Math.round(performance.now() - t)} ms`;
        } catch (e) { return `${(e as Error).message} ${(e as any).cause?.code} ${Math.round(performance.now() - t)} ms`; }
      };
      const log = (...x: unknown[]) => console.log(rt, ...x);
      const pid = gw.pid();
      await post(body(1, `${rt}one`));
      log("base", peakMiB(pid));
      forgetPeak(pid); const b0 = peakMiB(pid);
      if (!process.env.BIG) log("junk 390K", await post(`{"alerts":[${"1,".repeat(200_000)}1]}`), "peak +", peakMiB(pid) - b0);
      forgetPeak(pid);
      if (!process.env.BIG) log("junk 390K", await post(`{"alerts":[${"1,".repeat(200_000)}1]}`), "peak", peakMiB(pid));
      forgetPeak(pid);
      if (!process.env.BIG) log("junk 32M", await post(`{"alerts":[${"1,".repeat(16_000_000)}1]}`), "peak", peakMiB(pid));
      forgetPeak(pid);
      if (!process.env.BIG) log("junk 50k same", await post(`{"alerts":[${"1,".repeat(49_999)}1]}`), "peak", peakMiB(pid));
      forgetPeak(pid);
      if (!process.env.BIG) log("junk 50k different", await post(`{"alerts":[${Array.from({ length: 50000 }, (_, i) => i + 10).join(",")}]}`), "peak", peakMiB(pid));
      forgetPeak(pid);
      const big = new TextEncoder().encode(body(N, rt, PAD));
      log("big is", big.length);
      for (let i = 0; i < 8; i++) { const a = await post(big); const lines = gw.output().split("\n").filter((x) => x.includes("warn") || x.includes("error")).map((x) => x.slice(10, 190)); log("lines", lines.length, lines.slice(-6)); log("try", i, a, "peak", peakMiB(pid)); if (a.startsWith("20")) break; }
      forgetPeak(pid);
      log("again", await post(big), "peak", peakMiB(pid));
      const text = body(N, `${rt}ten`, PAD); const ten = new TextEncoder().encode(text);
      if (process.env.BIG) { await gw.stop(); continue; }
      log("ten", await Promise.all(Array.from({ length: 10 }, () => post(ten))), "peak", peakMiB(pid));
      forgetPeak(pid);
      log("long", await post(`{"alerts":[{"status":"firing","labels":{"alertname":"${"a".repeat(33_000_000)}"}}]}`), "peak", peakMiB(pid));
      forgetPeak(pid);
      log("100k names", await post(`{"alerts":[{"status":"firing","labels":{${Array.from({ length: 99_000 }, (_, i) => `"l${i}":"x"`).join(",")}}}]}`), "peak", peakMiB(pid));
      forgetPeak(pid);
      log("2M values", await post(`{"alerts":[{"status":"firing","labels":{"alertname":"a","namespace":"shop"},"e":[${"{},".repeat(900_000)}{}]}]}`), "peak", peakMiB(pid));
      log(gw.output().split("\n").filter((x) => !x.includes("no-room")).slice(0, 40).map((x) => x.slice(0, 200)).join("\n"));
      await gw.stop();
    }
  } finally { await inst.stop(); }
});
