import { expect, it } from "vitest";
import { operationOf } from "../../../src/adapters/kubernetes/operation-of.ts";

const GROUP = "https://api.test/apis/remediation.kubernaut.io/v1alpha1";
const IN_SHOP = `${GROUP}/namespaces/shop/remediationrequests`;

it.each([
  ["POST", IN_SHOP, "create"],
  ["PATCH", `${IN_SHOP}/rr-a-1/status`, "patch"],
  ["DELETE", `${IN_SHOP}/rr-a-1`, "delete"],
  ["GET", `${IN_SHOP}/rr-a-1`, "get"],
  ["GET", `${IN_SHOP}?limit=500`, "list"],
  ["GET", `${GROUP}/remediationrequests?limit=500`, "list"],
  ["GET", `${GROUP}/remediationrequests?watch=true&resourceVersion=1`, "watch"],
  ["GET", "https://front.test/a/path/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x.y", "get"],
])("%s %s is called %s", (method, url, operation) => {
  expect(operationOf(method, url)).toBe(operation);
});
