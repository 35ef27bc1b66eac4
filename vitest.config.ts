// Owns how tests run: what `npm test` covers, and the slower suites that `.ci/run` starts by name.
import { defineConfig } from 'vitest/config';

/** These packages import JSON without an attribute, which plain Node refuses; Vite's transform does not. */
const INLINE = [/@actions\/(?:workflow-parser|expressions|languageservice)/];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/workflows/act.test.ts', 'node_modules/**'],
    server: { deps: { inline: INLINE } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
