// What was done to the form: a stack of states to go back to, and one to come again.

const MOST = 200;

export function makeHistory(now, put, told) {
  let past = [];
  let future = [];
  const go = (from, to) => {
    if (from.length === 0) return false;
    to.push(now());
    put(from.pop());
    told(past.length > 0, future.length > 0);
    return true;
  };
  return {
    // Called before a change.
    keep() {
      past = [...past.slice(1 - MOST), now()];
      future = [];
      told(true, false);
    },
    clear() {
      past = [];
      future = [];
      told(false, false);
    },
    undo: () => go(past, future),
    redo: () => go(future, past),
  };
}
