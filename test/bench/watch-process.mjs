// Owns what a measured process tells of itself as it ends: its largest memory and the files of the bundle it loaded.
import { appendFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const loaded = new Map();

registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:') && url !== import.meta.url) {
      const file = fileURLToPath(url);
      loaded.set(file, statSync(file).size);
    }
    return next(url, context);
  },
});

process.on('exit', () => {
  const told = { rss_kib: process.resourceUsage().maxRSS, loaded: Object.fromEntries(loaded) };
  appendFileSync(process.env['ORCH_BENCH_TOLD'] ?? '/dev/null', `${JSON.stringify(told)}\n`);
});
