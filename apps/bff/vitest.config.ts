import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'bff',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // many tests start real API servers or real processes; a busy machine takes its time
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
