// The page: texts go to the worker as they are typed, what comes back is shown. Nothing that comes
// back is ever markup here: it is set as text, or stands in a frame without rights.
import { element } from "./dom.js";
import { makeEditor } from "./editor.js";
import { contentOf } from "./files.js";
import { makeForm } from "./form.js";
import { makeHistory } from "./history.js";
import { makeMonth } from "./month.js";
import { makeDownloads } from "./downloads.js";
import { load, save } from "./store.js";
import { packed, unpacked } from "./share.js";
import { WORDS } from "./words.js";

const PAUSE = 250; // milliseconds without a key before the text is looked at
const PATIENCE = 30_000; // an answer that takes longer will not come
const by = (id) => document.getElementById(id);
const [ratings, chosen, lang, status, findings, problems, result, frame, replacing] = [
  "ratings", "chosen", "lang", "status", "findings", "problems", "result", "sheet", "replace",
].map(by);
const words = () => WORDS[lang.value];

const editor = makeEditor(by("ruleset"), words(), () => textChanged());
const form = makeForm(by("form"), (tree) => formChanged(tree));
// the rules: by the text, or by the form and the text (`base`) that it was made of
let edited = null; // the form after edits; null: the text is what counts
let base = "";
let isSound = false;
const began = performance.now();
let keys = [];
let opened = null; // the texts as they were opened: what differs from them is the reader's own
let linked = null; // the texts that the address holds
let current = ""; // the key of what is open; none for the texts of a link
const OWN = "own"; // the key of what this browser has kept, and of files and new forms
let own = null;
let isOpening = false;
let worker;
let isReady = false;
let asked = 0;
let answered = 0;
let isBusy = false;
let timer;
let patience;

// ---------------------------------------------------------------- asking

function begin() {
  isReady = false;
  worker = new Worker("worker.js", { type: "module" });
  worker.onmessage = ({ data }) => told(data);
  worker.onerror = (event) => failed(event.message || words().noFiles);
}

function textChanged() {
  edited = null;
  changed();
}

function formChanged(tree) {
  past.keep();
  if (edited === null) base = editor.text;
  edited = tree;
  changed();
}

const past = makeHistory(
  () => ({ ruleset: editor.text, base, form: edited ?? form.tree, isEdited: edited !== null }),
  (state) => {
    base = state.base;
    edited = state.isEdited ? state.form : null;
    editor.replace(state.ruleset);
    form.show(state.form, []);
    changed();
  },
  (canUndo, canRedo) => {
    by("undo").disabled = !canUndo;
    by("redo").disabled = !canRedo;
  },
);

function changed() {
  asked += 1;
  remember();
  document.documentElement.dataset.state = "waiting";
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

function ask() {
  if (!isReady || isBusy || asked === answered) return;
  isBusy = true;
  patience = setTimeout(tooLong, PATIENCE);
  worker.postMessage({ id: asked, ruleset: edited === null ? editor.text : base, form: edited, ratings: ratings.value, lang: lang.value });
}

// Ask Python for something else: what comes back has `error` if it cannot be done.
const waiting = new Map();
let calls = 0;

function call(name, given, content) {
  return new Promise((answer) => {
    calls += 1;
    waiting.set(calls, answer);
    worker.postMessage({ kind: "call", call: calls, name, given, content }, content ? [content] : []);
  });
}

function answerCall(data) {
  waiting.get(data.call)?.(data.answer ?? { error: words().wrong(data.message) });
  waiting.delete(data.call);
}

function restart() {
  worker.terminate();
  for (const answer of waiting.values()) answer({ error: words().tooLong });
  waiting.clear();
  isBusy = false;
  answered = asked;
  begin();
}

function tooLong() {
  failed(words().tooLong);
  restart();
}

function told(data) {
  if (data.kind === "ready") {
    isReady = true;
    for (const id of ["new", "rules-file", "month-file"]) by(id).disabled = false;
    arrange();
    if (keys.length === 0) {
      list(data.rulesets);
      open();
    } else if (isOpening) fetchRuleset(current);
    else ask();
    return;
  }
  if (data.kind === "opened") {
    // of two that were chosen one after the other, the second
    if (isOpening && data.key === current) put(data);
    return;
  }
  if (data.call !== undefined) {
    answerCall(data);
    return;
  }
  clearTimeout(patience);
  isBusy = false;
  if (data.kind === "failed") {
    failed(data.message);
    // Python may be broken: another one takes over, unless there was none to begin with
    if (data.id !== undefined) restart();
    return;
  }
  answered = data.id;
  if (answered === asked) shape(data.answer);
  show(data.answer);
  if (answered === asked) {
    const root = document.documentElement;
    if (root.dataset.ready === undefined) {
      root.dataset.ready = String(Math.round(performance.now() - began));
      keep();
    }
    root.dataset.state = "done";
  } else ask();
}

// Show the form, and the text that it gives.
function shape(answer) {
  const { shape: found } = answer;
  if (answer.ruleset !== undefined) editor.replace(answer.ruleset);
  by("no-form").hidden = found !== null;
  by("form").hidden = found === null;
  isSound = answer.findings.every(({ severity }) => severity !== "error") && (found?.rows ?? []).every(({ severity }) => severity !== "error");
  downloads.allow(isSound);
  if (found !== null) form.show(found.form, found.rows, edited !== null);
  const hidden = [...(found?.hidden.length ? [(each) => each.hiddenParts(found.hidden)] : []), ...(found?.hasExamples ? [(each) => each.hiddenExamples] : [])];
  by("hidden-parts").hidden = hidden.length === 0;
  say(by("hidden-parts"), (each) => hidden.map((sentence) => sentence(each)).join(" "));
  remember();
  month.again();
}

function failed(message) {
  say(status, (each) => each.wrong(message));
  document.documentElement.dataset.state = "failed";
}

// ---------------------------------------------------------------- words

const sentences = new Map(); // what each place says, whatever the language

function say(place, sentence) {
  sentences.set(place, sentence);
  write(place, sentence);
}

function write(place, sentence) {
  const text = sentence(words());
  // some words are not seen, but read out
  if (place.dataset.wordIn) place.setAttribute(place.dataset.wordIn, text);
  else place.textContent = text;
}

function speak() {
  document.documentElement.lang = words().locale;
  for (const each of document.querySelectorAll(".intro > [data-lang]")) each.hidden = each.dataset.lang !== lang.value;
  const heading = document.querySelector(`.intro > [data-lang="${lang.value}"] h1`).firstChild.textContent;
  document.title = `${heading} - ${document.title.split(" - ").at(-1)}`;
  for (const [place, sentence] of sentences) write(place, sentence);
  editor.speak(words());
  arrange();
}

// The form's headings in the language.
async function arrange() {
  if (!isReady) return;
  const wanted = lang.value;
  const { sheets, error } = await call("layout", { lang: wanted });
  if (error) failed(error);
  else if (wanted === lang.value) form.speak(words(), sheets);
}

// the page itself is English: its words are those of that language
for (const place of document.querySelectorAll("[data-word]")) {
  const { word, wordIn } = place.dataset;
  WORDS.en[word] = wordIn ? place.getAttribute(wordIn) : place.textContent;
  sentences.set(place, (each) => each[word]);
}

// ---------------------------------------------------------------- showing

function show(answer) {
  editor.mark(answer.findings);
  const counts = {};
  for (const { severity } of answer.findings) counts[severity] = (counts[severity] ?? 0) + 1;
  say(status, (each) => (answer.findings.length ? each.found(counts) : each.sound));
  findings.replaceChildren(...answer.findings.map(finding));
  problems.replaceChildren(...answer.problems.map(problem));
  by("problems-part").hidden = answer.problems.length === 0;
  by("mend").hidden = answer.result !== null || answer.problems.length > 0;
  result.hidden = answer.result === null;
  if (answer.result !== null) verdict(answer.result);
  by("sheet-part").hidden = answer.sheet === null;
  frame.srcdoc = answer.sheet ?? "";
}

function finding(each) {
  const item = element("li", undefined, each.severity);
  const button = element("button", undefined, "place");
  button.type = "button";
  button.append(element("span", words().line(each.line, each.column), "at"));
  button.addEventListener("click", () => editor.go(each.line, each.column));
  const code = element("a", each.code);
  code.href = `../findings/${each.code}/`;
  code.hreflang = "en";
  code.target = "_blank"; // what is written here stays
  const grade = element("strong", `${each.word}[`);
  grade.append(code, "]");
  const message = element("span", each.message, "message");
  item.append(button, " ", grade, " ", message);
  for (const other of each.others) {
    const also = element("button", words().also(other.line, other.column), "place also");
    also.type = "button";
    also.addEventListener("click", () => editor.go(other.line, other.column));
    item.append(also);
  }
  for (const line of each.details) item.append(element("p", line, "detail"));
  return item;
}

function problem(each) {
  const item = element("li", undefined, "error");
  const button = element("button", each.text, "place");
  button.type = "button";
  button.addEventListener("click", () => {
    const lines = ratings.value.split("\n");
    const line = Math.max(each.line, 1);
    const from = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    ratings.focus();
    ratings.setSelectionRange(from, from + (each.line ? lines[line - 1].length : 0));
  });
  item.append(button);
  return item;
}

function verdict(found) {
  const pay = found.outcomes.find(({ name }) => name === "pay");
  by("total").textContent = found.unratable ? words().unratable : found.total;
  by("of").textContent = found.unratable ? "" : words().of(found.of);
  by("tier").textContent = found.tier;
  by("tier").dataset.id = found.tierId;
  by("tier-part").hidden = found.tier === "";
  by("pay").textContent = pay ? pay.value : "";
  by("currency").textContent = pay ? pay.unit : "";
  by("pay-part").hidden = !pay;
  const others = found.outcomes.filter(({ name }) => name !== "pay");
  by("outcomes").replaceChildren(
    ...others.flatMap(({ name, value }) => [element("dt", name), element("dd", value)]),
  );
  by("lines").replaceChildren(...found.lines.map((line) => {
    const row = element("tr");
    row.dataset.id = line.id;
    const head = element("th", line.label);
    head.scope = "row";
    row.append(head, element("td", line.points, "n"), element("td", line.reason));
    return row;
  }));
  by("words").textContent = found.words;
}

// ---------------------------------------------------------------- opening and sharing

function put(texts) {
  isOpening = false;
  ratings.value = texts.ratings;
  editor.open(texts.ruleset);
  base = texts.base ?? texts.ruleset;
  edited = texts.form ?? null;
  past.clear();
  by("file-findings").hidden = true;
  if (edited !== null) form.show(edited, []);
  // as the page holds them: it has its own ends of lines
  opened = { ruleset: editor.text, ratings: ratings.value };
  changed();
  // nobody is typing: there is nothing to wait for
  clearTimeout(timer);
  ask();
}

function list(rulesets) {
  keys = rulesets.map((names) => names.join("/"));
  chosen.replaceChildren(...rulesets.map((names, place) => {
    const option = new Option("", keys[place]);
    say(option, (each) => each.version(...names));
    return option;
  }));
  chosen.disabled = false;
}

// What is written here is there again when the page is opened again.
let isKept = false;

function remember() {
  if (opened === null || isOpening) return;
  const isOwn = isEdited() || current === OWN;
  isKept = save(isOwn ? { ruleset: editor.text, base, form: edited, ratings: ratings.value, lang: lang.value } : null);
  say(by("remembered"), (each) => (isOwn ? (isKept ? each.remembered : each.notRemembered) : ""));
}

const isEdited = () => opened !== null && (edited !== null || editor.text !== opened.ruleset || ratings.value !== opened.ratings);

// What somebody has written is not dropped unasked.
function mayReplace() {
  if (!isEdited() && current !== OWN) return true;
  if (replacing.open) return false;
  replacing.returnValue = "";
  replacing.showModal();
  return new Promise((answer) => {
    replacing.addEventListener("close", () => answer(replacing.returnValue === "drop"), { once: true });
  });
}

async function open() {
  const shared = await unpacked(location.hash);
  if (!(await mayReplace())) return;
  if (shared) {
    linked = shared;
    if (chosen.options[0].value !== "") {
      const own = new Option("", "");
      say(own, (each) => each.fromLink);
      chosen.prepend(own);
    }
    if (Object.hasOwn(WORDS, shared.lang)) lang.value = shared.lang;
    speak();
    turnTo("");
    return;
  }
  const kept = location.hash === "" && opened === null ? load() : null;
  if (kept) {
    if (Object.hasOwn(WORDS, kept.lang)) lang.value = kept.lang;
    speak();
    turnTo(OWN, kept);
    return;
  }
  const wanted = location.hash.replace(/^#ruleset=/, "");
  const found = keys.find((key) => key === wanted);
  turnTo(found ?? keys.find((key) => key.startsWith("customer-service/")) ?? keys[0]);
  // whoever was sent a link takes what is shown for what was sent
  by("damaged").hidden = found !== undefined || !/^#(z|ruleset)=/.test(location.hash);
}

function turnTo(key, texts) {
  by("damaged").hidden = true;
  current = key;
  if (texts) {
    own = texts;
    if (!Array.from(chosen.options).some(({ value }) => value === OWN)) {
      const option = new Option("", OWN);
      say(option, (each) => each.ownWork);
      chosen.prepend(option);
    }
  }
  chosen.value = key;
  if (key === "") put(linked);
  else if (key === OWN) put(own);
  else fetchRuleset(key);
}

function fetchRuleset(key) {
  isOpening = true;
  document.documentElement.dataset.state = "waiting";
  // where Python begins anew, it is asked when it is there
  if (isReady) worker.postMessage({ kind: "open", key });
}

chosen.addEventListener("change", async () => {
  const key = chosen.value;
  if (await mayReplace()) turnTo(key);
  else chosen.value = current;
});
by("drop").addEventListener("click", () => replacing.close("drop"));
by("keep").addEventListener("click", () => replacing.close("keep"));
window.addEventListener("beforeunload", (event) => {
  if (isEdited() && !isKept) event.preventDefault();
});
ratings.addEventListener("input", changed);
by("undo").addEventListener("click", past.undo);
by("redo").addEventListener("click", past.redo);
by("form").addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const wanted = key === "y" || (key === "z" && event.shiftKey) ? past.redo : key === "z" ? past.undo : null;
  // what is being typed is the field's own to take back
  const isTyping = event.target.matches("input, textarea") && event.target.value !== event.target.dataset.entered;
  if (wanted && !isTyping && wanted()) event.preventDefault();
});
by("new").addEventListener("click", async () => {
  if (!(await mayReplace())) return;
  const tree = { form: [{ level: "", cells: { full_marks: "100" }, parts: [] }] };
  turnTo(OWN, { ruleset: "", base: "", form: tree, ratings: "" });
});
by("rules-file").addEventListener("change", async () => {
  const [file] = by("rules-file").files;
  if (!file) return;
  const content = await contentOf(file);
  by("rules-file").value = "";
  const answer = content === null ? { error: words().tooLarge } : await call("open", { name: file.name, lang: lang.value }, content);
  if (answer.error) {
    say(by("remembered"), () => answer.error);
    return;
  }
  if (!(await mayReplace())) return;
  turnTo(OWN, { ruleset: answer.ruleset, base: answer.ruleset, form: answer.form ?? null, ratings: "" });
  by("file-findings").replaceChildren(...(answer.findings ?? []).map((text) => element("li", text)));
  by("file-findings").hidden = !answer.findings?.length;
});
lang.addEventListener("change", () => {
  speak();
  changed();
});
window.addEventListener("hashchange", () => {
  if (keys.length) open();
});
by("share").addEventListener("click", async () => {
  const hash = await packed({ ruleset: editor.text, ratings: ratings.value, lang: lang.value });
  history.replaceState(null, "", hash);
  by("damaged").hidden = true;
  const link = by("link");
  link.hidden = false;
  link.value = location.href;
  link.focus();
  link.select();
  try {
    await navigator.clipboard.writeText(location.href);
    say(by("shared"), (each) => each.copied);
  } catch {
    say(by("shared"), (each) => each.copy);
  }
});

// ---------------------------------------------------------------- without a network

async function keep() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("sw.js", { scope: "./" });
    await navigator.serviceWorker.ready;
    document.documentElement.dataset.offline = "ready";
    say(by("offline"), (each) => each.offline);
  } catch {
    // a browser that keeps nothing: the page works all the same
  }
}

const rules = () => ({ ruleset: editor.text, lang: lang.value, id: /^id = "([\w-]+)"/m.exec(editor.text)?.[1] ?? "ruleset", isSound });
const month = makeMonth({ call, words, rules, say });
const downloads = makeDownloads({ call, rules, say });

// a browser may have kept the language that was chosen before
speak();
begin();
