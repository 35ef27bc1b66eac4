// Owns the shape of what `.github/orch.yml` says about money and tokens.
import { z } from 'zod';

const Limit = z.strictObject({
  usd: z.number().positive().max(1_000_000).optional().describe('Dollars, as the engines tell their cost.'),
  tokens: z.number().int().positive().max(1_000_000_000_000).optional().describe('Tokens read and written.'),
});

export const Budget = z.strictObject({
  task: Limit.optional().describe('In one round of a task; `/orch retry` opens the next.'),
  day: Limit.optional().describe('Of the whole repository, from midnight to midnight UTC.'),
  month: Limit.optional().describe('Of the whole repository, in a calendar month (UTC).'),
});
