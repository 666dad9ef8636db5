/**
 * Labels of an alert. Every name is an own property, `__proto__` and `constructor` among them, so copy them by entries or spread,
 * never by assignment. An empty value is the same as no label (Prometheus data model).
 */
export type Labels = Readonly<Record<string, string>>;
