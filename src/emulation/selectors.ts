import type { CustomObject } from "./object.ts";
import { badRequest } from "./status.ts";

/** What a label or field selector asks of an object. */
export type Matches = (object: CustomObject) => boolean;

/** Both selectors of a request; absent ones match all. Throws 400 where one cannot be read. */
export function readSelectors(labelSelector: string | undefined, fieldSelector: string | undefined): Matches {
  const requirements = [...split(labelSelector).map(labelRequirement), ...split(fieldSelector).map(fieldRequirement)];
  return (object) => requirements.every((matches) => matches(object));
}

/** At the commas that are not inside brackets. */
const split = (selector: string | undefined): readonly string[] =>
  (selector ?? "")
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Grammar of Kubernetes label selectors: equality, sets, existence. */
function labelRequirement(text: string): Matches {
  const set = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    return (object) => values.has(labelOf(object, key) ?? NONE) === (operator === "in");
  }
  const equality = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/.exec(text);
  if (equality !== null) {
    const [, key = "", operator, value = ""] = equality;
    return (object) => (labelOf(object, key) === value) === (operator !== "!=");
  }
  const existence = /^(!?)\s*([^\s!=,()]+)$/.exec(text);
  if (existence === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
  const [, not, key = ""] = existence;
  return (object) => (labelOf(object, key) !== undefined) === (not === "");
}

/** No label value holds a space. */
const NONE = " ";

function labelOf({ metadata: { labels = {} } }: CustomObject, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** The two fields that every custom resource can be selected by. */
function fieldRequirement(text: string): Matches {
  const [, field = "", operator, value = ""] = /^([^!=]+)(==|=|!=)(.*)$/.exec(text) ?? [];
  if (field === "metadata.name") return ({ metadata }) => (metadata.name === value) === (operator !== "!=");
  if (field === "metadata.namespace") return ({ metadata }) => (metadata.namespace === value) === (operator !== "!=");
  throw badRequest(`field label not supported: ${field === "" ? text : field}`);
}
