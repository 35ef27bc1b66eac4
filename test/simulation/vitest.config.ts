// Owns the settings of `npm run test:simulation`: whole histories of a repository in virtual time, by seed.
import { suite } from '../../vitest.config.ts';

export default suite(['test/simulation/*.test.ts'], 'processes');
