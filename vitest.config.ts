// Owns how tests run: what `npm test` covers, and what the slower suites share with it.
import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** These packages import JSON without an attribute, which plain Node refuses; Vite's transform does not. */
const INLINE = [/@actions\/(?:workflow-parser|expressions|languageservice)/];

/**
 * Folders and files of the suites that have their own command (`npm run test:loop`, `test:sandbox`, `test:simulation`, `e2e`,
 * `e2e:workflows`): they start many processes, or need programs that a fresh machine lacks.
 */
const SLOW = [
  'test/loop/**',
  'test/simulation/{nets,many-seeds}.test.ts',
  'test/sandbox/**',
  'test/modes/attempt*.test.ts',
  'test/e2e/**',
  'test/workflows/{act,zizmor}*.test.ts',
];

/** One suite's settings. `slow` suites measure out a whole machine, so theirs run one file at a time. */
export function suite(include: readonly string[], kind: 'fast' | 'processes' | 'slow'): ViteUserConfig {
  const limit_ms = kind === 'fast' ? 60_000 : 300_000;
  return defineConfig({
    logLevel: 'error', // some packages ship source maps without their sources, and Vite warns for each file
    test: {
      include: [...include],
      exclude: ['node_modules/**', ...(kind === 'fast' ? SLOW : [])],
      server: { deps: { inline: INLINE } },
      fileParallelism: kind !== 'slow',
      testTimeout: limit_ms,
      hookTimeout: limit_ms,
    },
  });
}

export default suite(['test/**/*.test.ts'], 'fast');
