// The tests' scripted engine: the title of its task says what to do; lines of its prompt are recorded for the tests.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const [title = '', attempt = '1', prompt_file = ''] = process.argv.slice(2);
const usage = { input_tokens: 100, output_tokens: 20, cost_usd: 0.01 };

function end(word) {
  process.stdout.write(
    `${JSON.stringify({ type: 'orch.result', title: `Work on ${title}`, summary: 'Did it.', usage, ...word })}\n`,
  );
}

function write(path, text) {
  if (path.includes('/')) mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, text);
}

const [verb, ...rest] = title.split(' ');
const path = rest.join(' ') || 'work.txt';
switch (verb) {
  case 'write':
    write(path, `attempt ${attempt}\n`);
    end({ outcome: 'success' });
    break;
  case 'record': {
    const environment = Object.keys(process.env).sort().join('\n');
    write('received.txt', `${readFileSync(prompt_file, 'utf8')}\n---\n${environment}\n---\n${process.cwd()}\n`);
    end({ outcome: 'success' });
    break;
  }
  case 'twice': // fails first
    write(path, `attempt ${attempt}\n`);
    if (attempt === '1') process.exit(3);
    end({ outcome: 'success' });
    break;
  case 'never':
    end({ outcome: 'failed', summary: 'I cannot do this.' });
    process.exitCode = 1;
    break;
  case 'nothing':
    end({ outcome: 'success' });
    break;
  case 'enough':
    end({ outcome: 'no_change', evidence: 'The function is there already.' });
    break;
  case 'limit':
    // The end of a weekly window.
    end({ outcome: 'limit', not_before: new Date(Date.now() + 3 * 86_400_000).toISOString() });
    process.exitCode = 1;
    break;
  case 'slow': // leaves something, then takes too long; goes on from it the next time
    write('first.txt', 'half\n');
    if (attempt === '1') await delay(60_000);
    write('second.txt', 'done\n');
    end({ outcome: 'success' });
    break;
  case 'spends': // tells its price, and goes on
    end({ outcome: 'success' });
    await delay(60_000);
    break;
  case 'many':
    for (let i = 0; i < 400; i += 1) write(`many/${i}.txt`, `${i}\n`);
    end({ outcome: 'success' });
    break;
  case 'huge':
    write('huge.bin', 'x'.repeat(3_000_000));
    end({ outcome: 'success' });
    break;
  case 'workflow':
    write('.github/workflows/evil.yml', 'on: push\n');
    end({ outcome: 'success' });
    break;
  case 'secret':
    write('config.txt', `token = ghp_${'a1B2'.repeat(9)}\n`);
    end({ outcome: 'success' });
    break;
  case 'link':
    symlinkSync('/etc/passwd', 'passwd');
    end({ outcome: 'success' });
    break;
  default:
    process.stdout.write('this is not JSON\n');
}
