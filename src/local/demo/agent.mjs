// The demo's scripted engine: it reads its task, edits files in the worktree, and ends with one line of JSON.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const [title = '', attempt = '1', prompt_file = ''] = process.argv.slice(2);
const say = (message) => process.stdout.write(`${JSON.stringify({ type: 'orch.progress', message })}\n`);

function finish(summary) {
  const usage = {
    input_tokens: 1200,
    output_tokens: 180,
    cache_read_tokens: null,
    cache_write_tokens: null,
    cost_usd: 0.0042,
    turns: 3,
  };
  process.stdout.write(`${JSON.stringify({ type: 'orch.result', outcome: 'success', title, summary, usage })}\n`);
}

function replace(file, before, after) {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(before)) throw new Error(`${file} does not hold what was expected`);
  writeFileSync(file, text.replace(before, after));
}

say(`read ${readFileSync(prompt_file, 'utf8').length} characters of task`);
await delay(300);

if (title.startsWith('Add a discount')) {
  say('writing src/price.js');
  appendFileSync(
    'src/price.js',
    '\n/** Price after a discount in percent. */\nexport function discount(price, percent) {\n  return price * (1 - percent / 100);\n}\n',
  );
  writeFileSync(
    'test/price.test.js',
    "import assert from 'node:assert/strict';\nimport test from 'node:test';\nimport { discount } from '../src/price.js';\n\ntest('takes ten percent off', () => assert.equal(discount(100, 10), 90));\n",
  );
  finish('Added `discount` with a test.');
} else if (title.startsWith('Apply the discount')) {
  say('editing src/checkout.js');
  replace(
    'src/checkout.js',
    "import { withTax } from './price.js';",
    "import { discount, withTax } from './price.js';",
  );
  appendFileSync(
    'src/checkout.js',
    '\nexport function discounted(prices, percent) {\n  return discount(total(prices), percent);\n}\n',
  );
  finish('The checkout can now take a discount.');
} else if (title.startsWith('Round totals')) {
  say('editing src/checkout.js');
  const wrong = attempt === '1';
  const sum = 'prices.reduce((sum, price) => sum + withTax(price, 20), 0)';
  const forgetful = `return Math.round(${sum} / 100);`;
  if (wrong) replace('src/checkout.js', `return ${sum};`, forgetful);
  else replace('src/checkout.js', forgetful, `return Math.round(${sum} * 100) / 100;`);
  finish(wrong ? 'Rounded totals.' : 'Rounded totals to cents; the first try forgot to scale before rounding.');
} else if (title.startsWith('Document every')) {
  mkdirSync('docs', { recursive: true });
  if (!existsSync('docs/api.md')) {
    writeFileSync('docs/api.md', '# API\n\n## withTax(price, percent)\n\nPrice with tax.\n');
    say('wrote the first section; thinking about the second for a long time');
    await delay(60_000);
  }
  say('found the first section, going on');
  appendFileSync('docs/api.md', '\n## total(prices)\n\nSum of prices with tax.\n');
  finish('Documented every exported function.');
} else {
  say('editing README.md');
  appendFileSync('README.md', '\nRun `node --test` to see that it works.\n');
  finish('Made the README say how to run the tests.');
}
