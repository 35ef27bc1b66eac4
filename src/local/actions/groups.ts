// Owns concurrency groups with `queue: single`: one runs, one waits, a newer one pushes the waiting one out.

export type Turn = { readonly kind: 'go'; readonly leave: () => void } | { readonly kind: 'replaced' };

interface Group {
  busy: boolean;
  waiting: ((turn: Turn) => void) | null;
}

export function createGroups(): { enter(name: string): Promise<Turn> } {
  const groups = new Map<string, Group>();

  const leave = (group: Group): void => {
    const next = group.waiting;
    group.waiting = null;
    group.busy = next !== null;
    next?.({ kind: 'go', leave: () => leave(group) });
  };

  return {
    enter: (name) => {
      const group = groups.get(name) ?? { busy: false, waiting: null };
      groups.set(name, group);
      if (!group.busy) {
        group.busy = true;
        return Promise.resolve({ kind: 'go', leave: () => leave(group) });
      }
      group.waiting?.({ kind: 'replaced' });
      return new Promise((resolve) => {
        group.waiting = resolve;
      });
    },
  };
}
