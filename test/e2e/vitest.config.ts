// Owns the suite of `npm run e2e`: real engines through the whole loop, against a scripted model.
import { suite } from '../../vitest.config.ts';

export default suite(['test/e2e/**/*.test.ts'], 'slow');
