// Owns the settings of `npm run test:sandbox`: what needs bubblewrap, and fails with its install command without it.
import { suite } from '../../vitest.config.ts';

export default suite(['test/sandbox/*.test.ts', 'test/modes/attempt*.test.ts'], 'slow');
