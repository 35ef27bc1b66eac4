// Owns the settings of `npm run test:loop`: whole histories, each through the bundle as processes.
import { suite } from '../../vitest.config.ts';

export default suite(['test/loop/*.test.ts'], 'processes');
