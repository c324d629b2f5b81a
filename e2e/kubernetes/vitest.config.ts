import { defineConfig } from 'vitest/config';

/** The suites against real clusters: one after the other, because all share the two clusters of this machine. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    fileParallelism: false,
    reporters: ['verbose'],
    testTimeout: 120_000,
    // The first start builds Kubernetes.
    hookTimeout: 3_600_000,
  },
});
