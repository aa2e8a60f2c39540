// The files of rules that the page writes.
import { bytesOf, download } from "./files.js";

const by = (id) => document.getElementById(id);

const FILES = [
  ["get-workbook", "workbook", "rules", "xlsx"],
  ["get-blank", "blank", "form", "html"],
  ["get-template", "template", "month", "xlsx"],
];

export function makeDownloads({ call, rules, say }) {
  const status = by("file-status");
  by("get-ruleset").addEventListener("click", () => {
    const { ruleset, id } = rules();
    download(`${id}.rubric`, ruleset, "toml");
  });
  for (const [button, task, name, type] of FILES) {
    by(button).addEventListener("click", async () => {
      const { ruleset, lang, id } = rules();
      const answer = await call(task, { ruleset, lang });
      say(status, (each) => (answer.without ? each.without(answer.without) : (answer.error ?? "")));
      if (answer.content) download(`${id}-${name}`, bytesOf(answer.content), type);
    });
  }
  return {
    // Files of rules that are not sound would be wrong on paper as well.
    allow(isSound) {
      for (const [button] of FILES) by(button).disabled = !isSound;
    },
  };
}
