import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'machine',
    include: ['src/**/*.kernel.ts', 'test/**/*.kernel.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
