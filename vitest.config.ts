import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "bare",
          include: ["test/**/*.test.ts"],
          exclude: ["test/attack/**", "test/integration/**", "test/e2e/**"],
          testTimeout: 90_000, // thousands of histories take seconds, and several times as long beside other work on two cores
          maxWorkers: 3, // on two cores; suites of processes mostly wait
        },
      },
      {
        test: {
          name: "real",
          include: ["test/{attack,integration,e2e}/**/*.test.ts"],
          globalSetup: "test/support/real-setup.ts",
          setupFiles: "test/support/tell-outputs.ts",
          maxWorkers: 4, // mostly they wait
          sequence: { groupOrder: 1 },
          testTimeout: 30_000, // real parts answer in milliseconds, but share two cores with each other
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
