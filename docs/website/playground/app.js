// The page: texts go to the worker as they are typed, what comes back is shown. Nothing that comes
// back is ever markup here: it is set as text, or stands in a frame without rights.
import { makeEditor } from "./editor.js";
import { packed, unpacked } from "./share.js";

const PAUSE = 250; // milliseconds without a key before the text is looked at
const PATIENCE = 30_000; // an answer that takes longer will not come
const by = (id) => document.getElementById(id);
const [ratings, chosen, lang, status, findings, problems, result, frame] = [
  "ratings", "chosen", "lang", "status", "findings", "problems", "result", "sheet",
].map(by);

const editor = makeEditor(by("ruleset"), "Ruleset, as TOML", () => changed());
const began = performance.now();
let rulesets = [];
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
  worker.onerror = (event) => failed(event.message || "the playground's files are not there");
}

function changed() {
  asked += 1;
  document.documentElement.dataset.state = "waiting";
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

function ask() {
  if (!isReady || isBusy || asked === answered) return;
  isBusy = true;
  patience = setTimeout(tooLong, PATIENCE);
  worker.postMessage({ id: asked, ruleset: editor.text, ratings: ratings.value, lang: lang.value });
}

function restart() {
  worker.terminate();
  isBusy = false;
  answered = asked;
  begin();
}

function tooLong() {
  failed("this takes too long; change the ruleset to go on");
  restart();
}

function told(data) {
  if (data.kind === "ready") {
    isReady = true;
    if (rulesets.length === 0) {
      rulesets = data.rulesets;
      open();
    } else ask();
    return;
  }
  if (data.kind === "opened") {
    put(data.ruleset, data.ratings);
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

function failed(message) {
  status.textContent = `Something went wrong: ${message}`;
  document.documentElement.dataset.state = "failed";
}

// ---------------------------------------------------------------- showing

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function show(answer) {
  editor.mark(answer.findings);
  const counts = {};
  for (const { severity } of answer.findings) counts[severity] = (counts[severity] ?? 0) + 1;
  const said = Object.entries(counts).map(([name, n]) => `${n} ${name}${n > 1 && name !== "accepted" ? "s" : ""}`);
  const unsound = counts.error ? "Not sound: " : "Sound. ";
  status.textContent = answer.findings.length ? `${unsound}${said.join(", ")}` : "Sound: nothing was found.";
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
  button.append(
    element("span", `line ${each.line}:${each.column}`, "at"),
    " ",
    element("strong", `${each.severity}[${each.code}]`),
    " ",
    element("span", each.message, "message"),
  );
  button.addEventListener("click", () => editor.go(each.line, each.column));
  item.append(button);
  for (const other of each.others) {
    const also = element("button", `also line ${other.line}:${other.column}`, "place also");
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
  by("total").textContent = found.unratable ? "cannot be rated" : found.total;
  by("of").textContent = found.unratable ? "" : `of ${found.of}`;
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

function put(text, record) {
  ratings.value = record;
  editor.text = text;
  changed();
  // nobody is typing: there is nothing to wait for
  clearTimeout(timer);
  ask();
}

async function open() {
  chosen.replaceChildren(...rulesets.map(({ key, title }) => new Option(title, key)));
  chosen.disabled = false;
  const shared = await unpacked(location.hash);
  const wanted = location.hash.replace(/^#ruleset=/, "");
  const found = rulesets.find(({ key }) => key === wanted)
    ?? rulesets.find(({ key }) => key.startsWith("customer-service/")) ?? rulesets[0];
  chosen.value = found.key;
  if (shared) {
    const own = new Option("from the link", "");
    chosen.prepend(own);
    own.selected = true;
    if (shared.lang === "zh" || shared.lang === "en") lang.value = shared.lang;
    put(shared.ruleset, shared.ratings);
  } else fetchRuleset(found.key);
}

function fetchRuleset(key) {
  document.documentElement.dataset.state = "waiting";
  worker.postMessage({ kind: "open", key });
}

chosen.addEventListener("change", () => {
  if (isReady && chosen.value) fetchRuleset(chosen.value);
});
ratings.addEventListener("input", changed);
lang.addEventListener("change", changed);
window.addEventListener("hashchange", () => {
  if (rulesets.length) open();
});
by("share").addEventListener("click", async () => {
  const hash = await packed({ ruleset: editor.text, ratings: ratings.value, lang: lang.value });
  history.replaceState(null, "", hash);
  const link = by("link");
  link.hidden = false;
  link.value = location.href;
  link.focus();
  link.select();
  try {
    await navigator.clipboard.writeText(location.href);
    by("shared").textContent = "The link is copied. It holds the ruleset and the ratings.";
  } catch {
    by("shared").textContent = "Copy the link. It holds the ruleset and the ratings.";
  }
});

// ---------------------------------------------------------------- without a network

async function keep() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("sw.js", { scope: "./" });
    await navigator.serviceWorker.ready;
    document.documentElement.dataset.offline = "ready";
    by("offline").textContent = "This page now works without a network as well.";
  } catch {
    // a browser that keeps nothing: the page works all the same
  }
}

begin();
