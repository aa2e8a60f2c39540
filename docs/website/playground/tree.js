// The tree of a form: { sheet: [part] } with part = { level, cells, parts }. A path is the name of
// the sheet and the indices of the parts; each operation returns a new tree.

// The list that holds the part of a path.
export function listOf(tree, path) {
  const [sheet, ...indices] = path;
  let list = (tree[sheet] ??= []);
  for (const index of indices.slice(0, -1)) list = list[index].parts;
  return list;
}

export const partAt = (tree, path) => listOf(tree, path)[path.at(-1)];

const changed = (tree, change) => {
  const copy = structuredClone(tree);
  change(copy);
  return copy;
};

export const setCell = (tree, path, name, text) =>
  changed(tree, (copy) => {
    const { cells } = partAt(copy, path);
    if (text.trim() === "") delete cells[name];
    else cells[name] = text;
  });

export const insertPart = (tree, path, part) => changed(tree, (copy) => listOf(copy, path).splice(path.at(-1), 0, part));

export const removePart = (tree, path) => changed(tree, (copy) => listOf(copy, path).splice(path.at(-1), 1));

// Move a part to the place of another one of its kind, in the same list or another.
export const movePart = (tree, from, to) =>
  changed(tree, (copy) => {
    const target = listOf(copy, to);
    const [part] = listOf(copy, from).splice(from.at(-1), 1);
    target.splice(to.at(-1), 0, part);
  });

export const makePart = (level, cells = {}) => ({ level, cells, parts: [] });
