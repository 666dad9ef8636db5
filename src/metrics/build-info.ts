import { VERSION } from "../domain/version.ts";
import { familyText, type Heading } from "./family-text.ts";

export const BUILD_INFO: Heading = {
  name: "breakwater_build_info",
  help: "1, labelled with the role and the version of the process.",
  type: "gauge",
};

/** What runs here, in Prometheus' text format. */
export const buildInfoText = (role: string): string => familyText(BUILD_INFO, [{ labels: { role, version: VERSION }, value: 1 }]);
