import * as v from "valibot";
import { isBuiltIn, isClusterScoped, isKind, isNamespace, isObjectName } from "../domain/target/kinds.ts";
import { resourceNamed } from "../domain/target/target-rule.ts";
import { type Template, templateOf } from "../domain/target/template.ts";
import { json, matching, strict, wholeNumber } from "./shapes.ts";

/** The kind of a rule that lets no object be named. */
export const UNKNOWN_KIND = "Unknown";

/** A text that stands for any label's value in a template, so that what is around it can be judged at the start. */
const ANY_VALUE = "x";

const filled = ({ literals }: Template, value: string): string => literals.join(value);

/** A template that some labels can make a valid text of; one without labels has to be valid as it is. */
const template = (isValid: (text: string) => boolean, value: string, what: string) =>
  v.pipe(
    v.string("must be a text"),
    v.check((text) => templateOf(text) !== null, "must hold labels as {label}"),
    v.check((text) => {
      const parts = templateOf(text);
      return parts === null || isValid(filled(parts, value));
    }, `can never make ${what}`),
  );

const label = matching(/^[A-Za-z_][A-Za-z0-9_.]{0,252}$/, "a label's name");
const labels = v.optional(v.pipe(v.array(label, "must be a list of labels"), v.maxLength(50, "must hold at most 50 labels")), []);
const kind = template((text) => isKind(text) || resourceNamed(text, ANY_VALUE) !== null, "K", "a kind, or kind.group");
const name = template(isObjectName, ANY_VALUE, "the name of an object");
const namespace = template(isNamespace, ANY_VALUE, "the name of a namespace");

const fields = strict(
  {
    priority: v.optional(wholeNumber({ min: 0, max: 1_000 }), 0),
    match: v.pipe(
      v.record(label, v.string("must be a text, * standing for any part of it"), "must be an object: label → pattern"),
      v.check((value) => Object.keys(value).length > 0, "must hold a label"),
    ),
    kind: v.optional(kind),
    name: v.optional(name),
    namespace: v.optional(namespace),
    apart: labels,
    together: labels,
  },
  "an object",
);
type Fields = v.InferOutput<typeof fields>;

/** True for a kind that Kubernetes itself keeps in namespaces. */
const needsNamespace = ({ kind: text = "" }: Fields): boolean => {
  const resource = /[{.]/.test(text) ? null : resourceNamed(text, ANY_VALUE);
  return resource !== null && isBuiltIn(resource.kind) && !isClusterScoped(resource);
};

/** What a variable TARGET_RULE_<NAME> holds. */
export const targetRule = json(
  v.pipe(
    fields,
    v.check((rule) => rule.kind !== undefined || rule.apart.length + rule.together.length > 0, "must hold kind, apart or together"),
    v.check((rule) => rule.kind !== undefined || (rule.name ?? rule.namespace) === undefined, "must hold a kind beside name and namespace"),
    v.check((rule) => rule.kind === undefined || rule.kind === UNKNOWN_KIND || rule.name !== undefined, "must hold a name beside the kind"),
    v.check(
      (rule) => rule.kind !== UNKNOWN_KIND || (rule.name ?? rule.namespace) === undefined,
      "must hold neither name nor namespace beside the kind Unknown",
    ),
    v.check(
      (rule) => rule.kind === UNKNOWN_KIND || !needsNamespace(rule) || rule.namespace !== undefined,
      "must hold a namespace beside a kind that lives in one",
    ),
    v.check((rule) => !rule.apart.some((each) => rule.together.includes(each)), "must not hold a label in both apart and together"),
  ),
);
