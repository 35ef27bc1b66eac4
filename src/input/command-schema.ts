// Owns how a command is written down in `.github/orch.yml`.
import { z } from 'zod';

const ARGUMENTS_MAX = 100;

/** A command is a list of arguments. A plain string is cut at its spaces; what needs a shell must name one. */
export const Command = z
  .union([
    z
      .string()
      .min(1)
      .max(2_000)
      .regex(
        /^[^"'`$&|;<>(){}*?\\\n]+$/,
        'needs a shell: write it as a list, such as [bash, -c, "npm ci && npm run build"]',
      )
      .transform((text) => text.trim().split(/\s+/)),
    z.array(z.string().max(4_000)).min(1).max(ARGUMENTS_MAX),
  ])
  .describe(
    'A command: words separated by spaces, or a list of arguments. No shell is involved unless the list names one.',
  );
