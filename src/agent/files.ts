// Owns the disk an attempt writes to: folders, whole files, and a log whose lines are there when the call returns.
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Files } from './ports.ts';

export const diskFiles: Files = {
  ensureFolder: async (folder) => {
    await mkdir(folder, { recursive: true });
  },
  write: (file, text) => writeFile(file, text),
  openLog: (file) => {
    const handle = openSync(file, 'w', 0o600);
    return { write: (bytes) => void writeSync(handle, bytes), close: () => closeSync(handle) };
  },
};
