// Owns the suite of `npm run e2e:workflows`: the shipped workflows, run and linted.
import { suite } from '../../vitest.config.ts';

export default suite(['test/workflows/**/*.test.ts'], 'slow');
