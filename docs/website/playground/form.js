// The form: the sheets of rules as parts with fields. It changes nothing by itself: each change is
// a new tree that is given to `edit`.
import { button, element } from "./dom.js";
import { headingOf, makeField, otherFields, shownFields } from "./fields.js";
import { insertPart, listOf, makePart, movePart, partAt, removePart, setCell } from "./tree.js";

export function makeForm(parent, edit) {
  let tree = null;
  let layout = [];
  let words;
  let rows = [];
  const more = new Map(); // the fields that somebody added, by path
  const isOpen = new Set(["form", "items", "tiers"]); // sheets and parts that are unfolded
  let dragged = null;

  // ------------------------------------------------------------ changes

  function commit(next, focus) {
    tree = next;
    edit(tree);
    if (focus) {
      render();
      find(focus)?.focus();
    }
  }

  const find = ({ path, name }) => {
    const part = parent.querySelector(`[data-path="${CSS.escape(path)}"]`);
    return name === undefined ? part?.querySelector("input, select, textarea") : part?.querySelector(name);
  };

  function add(path, level, cells) {
    more.clear();
    const text = path.join("/");
    isOpen.add(path[0]);
    unfold(path);
    commit(insertPart(tree, path, makePart(level, cells)), { path: text });
  }

  // A part that is unfolded remains so when it moves: the part itself is noted.
  const unfold = (path) => isOpen.add(path.join("/"));

  function remove(path) {
    more.clear();
    commit(removePart(tree, path));
    render();
    const before = [...path.slice(0, -1), Math.max(0, path.at(-1) - 1)].join("/");
    (find({ path: before }) ?? parent.querySelector(`[data-sheet="${path[0]}"] summary`))?.focus();
  }

  function move(from, to, side) {
    more.clear();
    const [a, b] = [from.join("/"), to.join("/")];
    const [wasOpen, otherOpen] = [isOpen.has(a), isOpen.has(b)];
    for (const [key, value] of [[b, wasOpen], [a, otherOpen]]) isOpen[value ? "add" : "delete"](key);
    commit(movePart(tree, from, to), { path: b, name: `:scope > .bar > .${side}` });
  }

  // ------------------------------------------------------------ sheets

  function render() {
    parent.replaceChildren();
    if (tree === null) return;
    parent.append(names("data", ["data", "computed", "items"]), names("tiers", ["tiers"]));
    for (const sheet of layout) {
      const list = (tree[sheet.name] ??= []);
      if (sheet.isSingle && list.length === 0) list.push(makePart(sheet.levels[0].key));
      if (!sheet.isBasic && list.length === 0) continue;
      parent.append(section(sheet, list));
    }
    mark();
  }

  function section(sheet, list) {
    const place = element("details", undefined, "sheet");
    place.dataset.sheet = sheet.name;
    place.open = isOpen.has(sheet.name);
    place.addEventListener("toggle", () => isOpen[place.open ? "add" : "delete"](sheet.name));
    const summary = element("summary");
    summary.append(element("span", sheet.title), " ", element("span", sheet.isSingle ? "" : String(list.length), "count"));
    place.append(summary);
    if (sheet.isSingle) {
      place.append(part(sheet, sheet.levels[0], list[0], [sheet.name, 0], null));
      return place;
    }
    list.forEach((each, i) => place.append(part(sheet, levelOf(sheet, each), each, [sheet.name, i], null)));
    const kinds = sheet.name === "items" ? sheet.levels.slice(0, 2) : sheet.levels.slice(0, 1);
    const tools = element("p", undefined, "tools");
    tools.append(...kinds.map((level) => adder(sheet, level, [sheet.name, list.length])));
    place.append(tools);
    return place;
  }

  const levelOf = (sheet, each) => sheet.levels.find(({ key }) => key === each.level) ?? sheet.levels[0];

  // What a field of names offers: the labels of parts.
  function names(id, sheets) {
    const list = element("datalist");
    list.id = `names-${id}`;
    const walk = (parts) => {
      for (const each of parts ?? []) {
        const name = each.cells.label ?? Object.entries(each.cells).find(([key]) => key.startsWith("label@"))?.[1] ?? each.cells.id;
        if (name && ["inputs", "derive", "criterion", "tier"].includes(each.level)) {
          const option = element("option");
          option.value = name;
          list.append(option);
        }
        walk(each.parts);
      }
    };
    for (const name of sheets) walk(tree[name]);
    return list;
  }

  const adder = (sheet, level, path) =>
    button(`+ ${words.adds[level.key] ?? words.adds.part}`, `add add-${level.key}`, () => add(path, level.key, startOf(level.key)));

  // Wages go by the name that payroll reads.
  const startOf = (level) => (level === "outcome" && !(tree.pay ?? []).some(({ cells }) => cells.id === "pay") ? { label: words.pay, id: "pay" } : {});

  // ------------------------------------------------------------ parts

  function part(sheet, level, each, path, around) {
    const id = path.join("/");
    const place = element("div", undefined, `part level-${level.key || "head"}`);
    place.dataset.path = id;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", nameOf(each, level, path));
    if (!sheet.isSingle) place.append(bar(sheet, level, each, path));
    const body = element("div", undefined, "body");
    const inner = sheet.levels[sheet.levels.indexOf(level) + 1];
    const isFolding = level.key === "criterion";
    body.hidden = isFolding && !isOpen.has(id);
    body.append(fields(level, each, path, around));
    if (inner) {
      each.parts.forEach((child, i) => body.append(part(sheet, inner, child, [...path, i], each)));
      const tools = element("p", undefined, "tools");
      tools.append(adder(sheet, inner, [...path, each.parts.length]));
      body.append(tools);
    }
    place.append(element("ul", undefined, "marks"), body);
    return place;
  }

  function nameOf(each, level, path) {
    const label = each.cells.label ?? Object.entries(each.cells).find(([key]) => key.startsWith("label@"))?.[1];
    return label ?? `${words.kinds[level.key] ?? words.kinds.part} ${path.at(-1) + 1}`;
  }

  function bar(sheet, level, each, path) {
    const place = element("div", undefined, "bar");
    const name = nameOf(each, level, path);
    const list = listOf(tree, path);
    const at = path.at(-1);
    const handle = element("span", "⠿", "handle");
    handle.draggable = true;
    handle.setAttribute("aria-hidden", "true");
    handle.addEventListener("dragstart", (event) => {
      dragged = path;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", name);
    });
    handle.addEventListener("dragend", () => (dragged = null));
    place.addEventListener("dragover", (event) => {
      if (fits(path)) event.preventDefault();
    });
    place.addEventListener("drop", (event) => {
      if (!fits(path)) return;
      event.preventDefault();
      move(dragged, path, "up");
    });
    let title = element("strong", name, "name");
    if (level.key === "criterion") {
      const id = path.join("/");
      title = button("", "name fold", () => {
        isOpen[isOpen.has(id) ? "delete" : "add"](id);
        const body = place.parentElement.querySelector(":scope > .body");
        body.hidden = !isOpen.has(id);
        title.setAttribute("aria-expanded", String(!body.hidden));
      });
      title.setAttribute("aria-expanded", String(isOpen.has(id)));
      title.append(element("span", name), " ", element("span", each.cells.weight ?? "", "count"));
    }
    const up = button("↑", "up", () => move(path, [...path.slice(0, -1), at - 1], "up"), words.up(name));
    const down = button("↓", "down", () => move(path, [...path.slice(0, -1), at + 1], "down"), words.down(name));
    up.disabled = at === 0 || list[at - 1].level !== each.level;
    down.disabled = at === list.length - 1 || list[at + 1].level !== each.level;
    place.append(handle, title, up, down, button("✕", "remove", () => remove(path), words.remove(name)));
    return place;
  }

  // A part may be dropped at one of its kind, but not into itself.
  const fits = (path) =>
    dragged !== null && dragged[0] === path[0] && dragged.length === path.length && String(dragged) !== String(path) && partAt(tree, dragged).level === partAt(tree, path).level;

  function fields(level, each, path, around) {
    const id = path.join("/");
    const place = element("div", undefined, "fields");
    const shown = shownFields(level, each, around, more.get(id) ?? []);
    for (const field of shown) {
      const alone = field.column.isNumbered && shown.filter(({ column }) => column === field.column).length === 1;
      const heading = headingOf(field.column, field.variant, words, alone);
      place.append(makeField(field, each.cells[field.name] ?? "", heading, (text) => enter(path, field, text)));
    }
    const others = otherFields(level, each, shown, words);
    if (others.length) {
      const choice = element("select", undefined, "more");
      choice.setAttribute("aria-label", words.moreOf(nameOf(each, level, path)));
      choice.append(new Option(words.more, ""), ...others.map(([name, heading]) => new Option(heading, name)));
      choice.addEventListener("change", () => {
        more.set(id, [...(more.get(id) ?? []), choice.value]);
        const wanted = choice.value;
        render();
        find({ path: id, name: `[data-name="${CSS.escape(wanted)}"]` })?.focus();
      });
      place.append(choice);
    }
    return place;
  }

  function enter(path, field, text) {
    if ((partAt(tree, path).cells[field.name] ?? "") === text) return;
    const known = field.column.key === "of" ? { path: path.join("/"), name: `[data-name="${CSS.escape(field.name)}"]` } : null;
    commit(setCell(tree, path, field.name, text), null);
    // a condition has a field for each of the data that are named
    if (known && document.activeElement?.closest(".sheet")) {
      const active = document.activeElement;
      const where = { path: active.closest("[data-path]")?.dataset.path ?? known.path, name: active.dataset.name ? `[data-name="${CSS.escape(active.dataset.name)}"]` : undefined };
      render();
      find(where)?.focus();
    } else rename(path);
  }

  // The name of a part is that of its label.
  function rename(path) {
    const sheet = layout.find(({ name }) => name === path[0]);
    const each = partAt(tree, path);
    const name = nameOf(each, levelOf(sheet, each), path);
    const place = parent.querySelector(`[data-path="${CSS.escape(path.join("/"))}"]`);
    place.setAttribute("aria-label", name);
    const title = place.querySelector(":scope > .bar > .name");
    if (!title) return;
    (title.querySelector("span") ?? title).textContent = name;
    if (title.matches(".fold")) title.querySelector(".count").textContent = each.cells.weight ?? "";
    for (const [side, word] of [["up", words.up], ["down", words.down], ["remove", words.remove]]) {
      place.querySelector(`:scope > .bar > .${side}`).setAttribute("aria-label", word(name));
    }
    for (const id of ["data", "tiers"]) {
      parent.querySelector(`#names-${id}`).replaceWith(names(id, id === "data" ? ["data", "computed", "items"] : ["tiers"]));
    }
  }

  // ------------------------------------------------------------ findings

  function mark() {
    for (const old of parent.querySelectorAll(".marks")) old.replaceChildren();
    for (const old of parent.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
    for (const { place, severity, word, message, details } of rows) {
      if (place === null) continue;
      const id = [place.sheet, ...place.parts].join("/");
      const part = parent.querySelector(`[data-path="${CSS.escape(id)}"]`);
      if (!part) continue;
      const item = element("li", undefined, severity);
      item.append(element("strong", word), " ", element("span", message));
      for (const line of details) item.append(element("p", line, "detail"));
      part.querySelector(":scope > .marks").append(item);
      if (severity !== "error" || !place.cell) continue;
      const input = part.querySelector(`:scope > .body > .fields [data-name="${CSS.escape(place.cell)}"]`);
      input?.setAttribute("aria-invalid", "true");
    }
    for (const sheet of parent.querySelectorAll(".sheet")) sheet.classList.toggle("has-error", sheet.querySelector(".marks .error") !== null);
  }

  return {
    get tree() {
      return tree;
    },
    // Show another tree; `isOwn`: the one that is shown, with ids that were made.
    show(next, found, isOwn = false) {
      rows = found;
      if (isOwn && tree !== null) {
        takeIds(tree, next);
        mark();
        return;
      }
      tree = next;
      more.clear();
      const active = document.activeElement;
      const where = parent.contains(active) && active.dataset.name ? { path: active.closest("[data-path]").dataset.path, name: `[data-name="${CSS.escape(active.dataset.name)}"]` } : null;
      render();
      if (where) find(where)?.focus();
    },
    speak(other, sheets) {
      words = other;
      layout = sheets;
      render();
    },
    // Go to the place of a finding.
    go(place) {
      isOpen.add(place.sheet);
      place.parts.forEach((_, i) => isOpen.add([place.sheet, ...place.parts.slice(0, i + 1)].join("/")));
      render();
      const name = place.cell ? `[data-name="${CSS.escape(place.cell)}"]` : undefined;
      const id = [place.sheet, ...place.parts].join("/");
      (find({ path: id, name }) ?? find({ path: id }))?.focus();
    },
  };
}

function takeIds(tree, made) {
  const walk = (parts, others) => {
    (parts ?? []).forEach((part, i) => {
      const other = others?.[i];
      if (!other || other.level !== part.level) return;
      if (other.cells.id && !part.cells.id) part.cells.id = other.cells.id;
      walk(part.parts, other.parts);
    });
  };
  for (const [sheet, parts] of Object.entries(tree)) walk(parts, made[sheet]);
}

