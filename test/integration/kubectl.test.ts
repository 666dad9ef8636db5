import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProcess } from "../support/process.ts";
import { remediationRequest } from "../unit/emulation/remediation-request.ts";
import { serveEmulation } from "../unit/emulation/serve-emulation.ts";

describe("kubectl on the emulation", () => {
  let served: Awaited<ReturnType<typeof serveEmulation>>;
  beforeAll(async () => {
    served = await serveEmulation();
  });
  afterAll(() => served.stop());

  function kubectl(args: string, input?: object) {
    const all = ["--kubeconfig", served.kubeconfigPath, ...args.split(" ")];
    const { status, stdout, stderr } = spawnSync("kubectl", all, { encoding: "utf8", input: JSON.stringify(input), timeout: 10_000 });
    return { status, out: stdout, err: stderr };
  }
  const create = (name: string, namespace: string) => kubectl(`create --namespace=${namespace} -f -`, remediationRequest(name));
  /** Columns of a printed table, by line. */
  const cells = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));

  it("finds the server, its resources and namespaces", () => {
    expect(kubectl("version").out).toMatch(/Server Version: v1\.\d+/);
    const resources = kubectl("api-resources --no-headers").out;
    expect(resources).toMatch(/remediationrequests\s+remediation.kubernaut.io\/v1alpha1\s+true\s+RemediationRequest/);
    expect(kubectl("get namespaces --no-headers").out).toMatch(/^default\s+Active\s+\d+s\nkubernaut-system\s+Active/);
    expect(kubectl("get remediationrequests")).toMatchObject({ status: 0, err: "No resources found in default namespace.\n" });
  });

  it("creates in a namespace that nobody has made, and prints what is where", () => {
    expect(create("rr-1", "get").out).toBe("remediationrequest.remediation.kubernaut.io/rr-1 created\n");
    expect(create("rr-1", "get").err).toContain('remediationrequests.remediation.kubernaut.io "rr-1" already exists');
    const [header, ...rows] = cells(kubectl("get remediationrequests -A").out);
    expect(header).toEqual(["NAMESPACE", "NAME", "SIGNAL", "SEVERITY", "HIGHEST", "PRIORITY", "PHASE", "COUNT", "AGE"]);
    expect(rows).toContainEqual(["get", "rr-1", "HighMemory", "critical", expect.stringMatching(/^\d+s$/)]);
  });

  it("prints an object as YAML, JSON and description", () => {
    create("rr-1", "print");
    expect(kubectl("get remediationrequest rr-1 --namespace=print -o yaml").out).toContain("  signalName: HighMemory\n");
    expect(JSON.parse(kubectl("get remediationrequest rr-1 --namespace=print -o json").out).spec.severity).toBe("critical");
    const described = kubectl("describe remediationrequest rr-1 --namespace=print").out;
    expect(described).toMatch(/^Name:\s+rr-1\nNamespace:\s+print\n/);
    expect(described).toMatch(/Events:\s+<none>\n$/);
    expect(kubectl("explain remediationrequest.status.deduplication.slots").out).toContain("A writer sets only its own slot");
  });

  it("ends a request through its status", () => {
    create("rr-1", "patch");
    const patch = '{"status":{"overallPhase":"Completed","deduplication":{"occurrenceCount":3}}}';
    const patched = kubectl(`patch remediationrequest rr-1 --namespace=patch --subresource=status --type=merge -p ${patch}`);
    expect(patched.out).toBe("remediationrequest.remediation.kubernaut.io/rr-1 patched\n");
    const [row] = cells(kubectl("get remediationrequest rr-1 --namespace=patch --no-headers").out);
    expect(row?.slice(0, -1)).toEqual(["rr-1", "HighMemory", "critical", "Completed", "3"]);
  });

  it("is told what is wrong with an object, unknown fields included", () => {
    expect(kubectl("create -f -", remediationRequest("rr-1", { foo: 1 })).err).toContain('unknown field "spec.foo"');
    expect(kubectl("create -f -", remediationRequest("rr-1", { severity: "boom" })).err).toContain(
      'spec.severity: Unsupported value: "boom": supported values: "critical", "warning", "info"',
    );
  });

  it("applies, labels and edits by JSON patch", () => {
    const apply = (spec: object) => kubectl("apply --namespace=apply -f -", remediationRequest("rr-1", { ...spec })).out;
    expect([apply({}), apply({ severity: "info" }), apply({ severity: "info" })].map((out) => out.trim().split(" ").at(-1))).toEqual([
      "created",
      "configured",
      "unchanged",
    ]);
    expect(kubectl("label remediationrequest rr-1 --namespace=apply tier=web").out).toContain("labeled");
    const patch = '[{"op":"replace","path":"/spec/severity","value":"warning"}]';
    expect(kubectl(`patch remediationrequest rr-1 --namespace=apply --type=json -p ${patch}`).out).toContain("patched");
    expect(cells(kubectl("get remediationrequests --namespace=apply -l tier=web --no-headers").out)[0]?.[2]).toBe("warning");
  });

  it("deletes, and waits until the last finalizer is gone", () => {
    create("rr-1", "delete");
    expect(kubectl("delete remediationrequest rr-1 --namespace=delete").out).toContain('"rr-1" deleted');
    expect(kubectl("get remediationrequest rr-1 --namespace=delete").err).toContain("Error from server (NotFound)");
    create("rr-2", "delete");
    kubectl('patch remediationrequest rr-2 --namespace=delete --type=merge -p {"metadata":{"finalizers":["example.com/hold"]}}');
    expect(kubectl("delete remediationrequest rr-2 --namespace=delete --timeout=1s").err).toContain("timed out");
    kubectl('patch remediationrequest rr-2 --namespace=delete --type=merge -p {"metadata":{"finalizers":null}}');
    expect(kubectl("wait --for=delete remediationrequest/rr-2 --namespace=delete --timeout=5s").status).toBe(0);
    create("rr-3", "delete");
    expect(kubectl("delete remediationrequests --all --namespace=delete").out).toContain('"rr-3" deleted');
  });

  it("watches", async () => {
    create("rr-1", "watch");
    const args = "get remediationrequests --namespace=watch --watch --output-watch-events".split(" ");
    const watch = await startProcess({ command: "kubectl", args: ["--kubeconfig", served.kubeconfigPath, ...args], ready: /ADDED\s+rr-1/ });
    create("rr-2", "watch");
    kubectl("delete remediationrequest rr-1 --namespace=watch");
    const events = () => cells(watch.output()).map(([type, name]) => `${type} ${name}`);
    await expect.poll(events).toEqual(["EVENT NAME", "ADDED rr-1", "ADDED rr-2", "DELETED rr-1"]);
    await watch.stop();
  });
});
