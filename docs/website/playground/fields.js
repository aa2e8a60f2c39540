// The fields of a part: which columns it shows, and an input for each.
import { element } from "./dom.js";

const variantsOf = (part, key) =>
  Object.keys(part.cells)
    .filter((name) => name === key || name.startsWith(`${key}@`))
    .map((name) => name.slice(key.length + 1));

const numbered = (count) => Array.from({ length: count }, (_, i) => String(i + 1));

const most = (variants) => Math.max(0, ...variants.map(Number));

// The names of the cells that a part shows, each with its column.
export function shownFields(level, part, around, more) {
  const made = [];
  for (const column of level.columns) {
    const used = variantsOf(part, column.key);
    const wanted = more.filter((name) => name === column.key || name.startsWith(`${column.key}@`)).map((name) => name.slice(column.key.length + 1));
    let variants = [...new Set([...used, ...wanted])].sort();
    if (column.isNumbered) {
      // a condition has a field for each of the data that the part around it names
      const data = column.key === "when" ? most(variantsOf(around ?? part, "of")) : 0;
      variants = numbered(Math.max(most(variants), data, column.isBasic ? 1 : 0));
    } else if (column.key === "id") variants = wanted;
    // a band has points or a formula
    else if (column.key === "formula" && variants.length === 0 && (part.cells.points || part.cells.value)) continue;
    else if (variants.length === 0 && column.isBasic) variants = [""];
    for (const variant of variants) made.push({ column, variant, name: variant ? `${column.key}@${variant}` : column.key });
  }
  return made;
}

// The fields that may be added: [name, heading].
export function otherFields(level, part, shown, words) {
  const names = new Set(shown.map(({ name }) => name));
  const made = [];
  for (const column of level.columns) {
    const own = shown.filter((each) => each.column === column);
    if (column.isNumbered) made.push({ column, variant: String(own.length + 1) });
    else if (own.length === 0) made.push({ column, variant: "" });
    for (const tag of column.languages) made.push({ column, variant: tag });
  }
  return made
    .map(({ column, variant }) => [variant ? `${column.key}@${variant}` : column.key, headingOf(column, variant, words)])
    .filter(([name]) => !names.has(name));
}

export function headingOf(column, variant, words, isAlone = false) {
  if (!variant || isAlone) return column.heading;
  return column.isNumbered ? `${column.heading} ${variant}` : words.tagged(column.heading, variant);
}

let count = 0;

// An input with its label. `commit` is called with the text once it is entered.
export function makeField({ column, variant, name }, text, heading, commit) {
  const place = element("div", undefined, `field k-${column.key.replaceAll(".", "-")}`);
  const label = element("label", heading);
  const isChosen = column.options.length > 0 && !column.isOpen && (text === "" || column.options.includes(text));
  const input = element(isChosen ? "select" : isLong(column) ? "textarea" : "input");
  input.id = `field-${(count += 1)}`;
  input.dataset.name = name;
  label.htmlFor = input.id;
  if (isChosen) input.append(...["", ...column.options].map((each) => new Option(each, each)));
  else {
    input.placeholder = column.hint;
    input.autocomplete = "off";
    input.spellcheck = false;
    if (isLong(column)) input.rows = 2;
    else if (column.named) input.setAttribute("list", `names-${column.named}`);
    else if (column.options.length > 0) input.setAttribute("list", `options-${column.key}`);
  }
  input.value = text;
  // a field whose text differs from this is being typed in
  input.dataset.entered = text;
  input.addEventListener("change", () => {
    input.dataset.entered = input.value;
    commit(input.value);
  });
  place.append(label, input);
  if (variant && column.languages.length) input.lang = variant;
  return place;
}

const isLong = (column) => column.key === "formula";
