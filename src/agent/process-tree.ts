// Owns looking at processes from outside: how much work a tree of them does, and ending the ones we left.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU time in these, whatever the kernel's own clock: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICKS_PER_SECOND = 100;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly cpu_ticks: number;
  /** With the id it names one process for ever; ids alone are used again. */
  readonly started_ticks: number;
}

/** CPU time of a process and everything below it, its ended and awaited children included; null without /proc. */
export function cpuSeconds(root_pid: number): number | null {
  const rows = readProcesses();
  if (!rows.some(({ pid }) => pid === root_pid)) return null;
  const ticks = familyOf(rows, root_pid).reduce((sum, { cpu_ticks }) => sum + cpu_ticks, 0);
  return ticks / TICKS_PER_SECOND;
}

/** What is written down of a process so that a later one can end it and no other. */
export function processMark(pid: number): string {
  return `${pid}:${readProcesses().find((row) => row.pid === pid)?.started_ticks ?? 0}`;
}

/** Kills the marked process and all below it, if it is still the same one. */
export function endMarked(mark: string): void {
  const [pid, started_ticks] = mark.split(':').map(Number);
  const rows = readProcesses();
  if (pid === undefined || !rows.some((row) => row.pid === pid && row.started_ticks === started_ticks)) return;
  endFamily(rows, pid);
}

/** Kills what this process started and did not await, such as a fetch under way when the job was cancelled. */
export function endChildren(own_pid: number): void {
  const rows = readProcesses();
  for (const { pid } of rows.filter(({ parent }) => parent === own_pid)) endFamily(rows, pid);
}

function endFamily(rows: readonly ProcessRow[], root_pid: number): void {
  for (const { pid } of familyOf(rows, root_pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function familyOf(rows: readonly ProcessRow[], root_pid: number): readonly ProcessRow[] {
  const family = new Set([root_pid]);
  // A round that finds nothing new ends it; rows are finite.
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.filter(({ pid }) => family.has(pid));
}

function readProcesses(): readonly ProcessRow[] {
  return processNames().flatMap((name) => {
    const text = readStat(name);
    // The program's name in parentheses may hold anything, so fields are counted from its end.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent, ...rest] = fields;
    if (parent === undefined || rest.length < 18) return [];
    const cpu_ticks = rest.slice(9, 13).reduce((sum, ticks) => sum + ticks, 0);
    return [{ pid: Number(name), parent, cpu_ticks, started_ticks: rest[17] ?? 0 }];
  });
}

function processNames(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readStat(name: string): string {
  try {
    return readFileSync(`/proc/${name}/stat`, 'utf8');
  } catch {
    return '';
  }
}
