/** A RemediationRequest as small as its schema allows; `spec` goes over it. */
export const remediationRequest = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: "remediation.kubernaut.io/v1alpha1",
  kind: "RemediationRequest",
  metadata: { name, labels: { team: "shop" } },
  spec: {
    signalFingerprint: "a".repeat(64),
    signalName: "HighMemory",
    severity: "critical",
    environment: "production",
    priority: "P0",
    signalType: "prometheus-alert",
    targetType: "kubernetes",
    firingTime: "2026-11-23T12:00:00Z",
    receivedTime: "2026-11-23T12:00:30Z",
    deduplication: { isDuplicate: false, firstSeen: "2026-11-23T12:00:30Z", lastSeen: "2026-11-23T12:00:30Z", occurrenceCount: 1 },
    ...spec,
  },
});
