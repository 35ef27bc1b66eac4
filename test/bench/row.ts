// Owns a line of the bench: what was promised, what was found, and whether that keeps the promise; as a table or as JSON.

export interface Row {
  readonly what: string;
  readonly budget: string;
  /** For people; times with their ratio to bare Node or plain git of the same run. */
  readonly measured: string;
  readonly met: boolean;
  /** The figures behind `measured`, units last in their names. */
  readonly figures: Readonly<Record<string, number>>;
}

export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, budget, measured, met }) => `| ${what} | ${budget} | ${measured} | ${met ? 'met' : '**missed**'} |`,
  );
  return ['| what | budget | measured | |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function times(value: number, floor: number): string {
  return `${(value / floor).toFixed(1)} ×`;
}

export const ms = (value: number): string => `${Math.round(value).toLocaleString('en-US')} ms`;
export const mib = (kib: number): string => `${Math.round(kib / 1024)} MiB`;
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
