// Owns how tests run: what `npm test` covers, and what the slower suites share with it.
import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** These packages import JSON without an attribute, which plain Node refuses; Vite's transform does not. */
const INLINE = [/@actions\/(?:workflow-parser|expressions|languageservice)/];

/** Folders and files of the suites that have their own command: `npm run e2e`, `npm run e2e:workflows`. */
const SLOW = ['test/e2e/**', 'test/workflows/{act,zizmor}*.test.ts'];

/** One suite's settings. Slow suites start real processes, so theirs run one file at a time. */
export function suite(include: readonly string[], kind: 'fast' | 'slow'): ViteUserConfig {
  const limit_ms = kind === 'fast' ? 60_000 : 300_000;
  return defineConfig({
    logLevel: 'error', // some packages ship source maps without their sources, and Vite warns for each file
    test: {
      include: [...include],
      exclude: ['node_modules/**', ...(kind === 'fast' ? SLOW : [])],
      server: { deps: { inline: INLINE } },
      fileParallelism: kind === 'fast',
      testTimeout: limit_ms,
      hookTimeout: limit_ms,
    },
  });
}

export default suite(['test/**/*.test.ts'], 'fast');
