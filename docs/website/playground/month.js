// The month: a table of people is read, shown with reasons, and written. It is kept nowhere.
import { element } from "./dom.js";
import { bytesOf, contentOf, download } from "./files.js";

const by = (id) => document.getElementById(id);

export function makeMonth({ call, words, rules, say }) {
  let found = null;
  let file = null;

  async function read() {
    const { ruleset, lang } = rules();
    say(by("month-status"), (each) => each.reading);
    const answer = await call("month", { name: file.name, ruleset, lang }, file.content.slice(0));
    if (answer.error) {
      found = null;
      by("month-found").hidden = true;
      say(by("month-status"), () => answer.error);
      return;
    }
    found = answer;
    show();
  }

  function show() {
    const wrong = found.rows.filter(({ problems }) => problems.length).length;
    say(by("month-status"), (each) => each.people(found.rows.length, wrong));
    by("month-found").hidden = false;
    by("month-notes").replaceChildren(...[...found.notes, ...(found.unread.length ? [words().unread(found.unread.join(", "))] : [])].map((text) => element("li", text)));
    const hasPay = found.rows.some(({ pay }) => pay !== "");
    by("month-pay").hidden = !hasPay;
    by("month-rows").replaceChildren(...found.rows.map((each) => row(each, hasPay)));
  }

  function row(each, hasPay) {
    const made = element("tr", undefined, each.problems.length ? "rejected" : "");
    const head = element("th", each.number ? `${each.name} (${each.number})` : each.name);
    head.scope = "row";
    const cells = [element("td", each.total, "n"), element("td", each.tier)];
    if (hasPay) cells.push(element("td", each.pay, "n"));
    const why = element("td");
    if (each.problems.length) {
      const list = element("ul", undefined, "problems");
      list.append(...each.problems.map((text) => element("li", text)));
      why.append(list);
    } else {
      const details = element("details");
      const list = element("ul");
      list.append(...each.reasons.map(([label, points, reason]) => element("li", words().reason(label, points, reason))));
      details.append(element("summary", words().reasonsOf(each.name)), list);
      why.append(details);
    }
    made.append(head, ...cells, why);
    return made;
  }

  async function write(task, name) {
    const { id, lang } = rules();
    const answer = await call(task, { lang });
    if (answer.error) say(by("month-status"), () => answer.error);
    else download(`${id}-${name}`, bytesOf(answer.content), "xlsx");
  }

  by("month-file").addEventListener("change", async () => {
    const [chosen] = by("month-file").files;
    if (!chosen) return;
    const content = await contentOf(chosen);
    by("month-file").value = "";
    if (content === null) {
      say(by("month-status"), (each) => each.tooLarge);
      return;
    }
    file = { name: chosen.name, content };
    await read();
  });
  by("month-results").addEventListener("click", () => write("results", "results"));
  by("month-report").addEventListener("click", () => write("report", "report"));
  return {
    // The rules or the language are others: the month is scored again.
    again() {
      if (file !== null && rules().isSound) read();
    },
  };
}

