// Runs kpirules in Python, away from the page: texts in, JSON out.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const bytes = async (name) => {
  const answer = await fetch(new URL(name, self.location.href));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.arrayBuffer();
};

let bridge;
const ready = (async () => {
  // the archives come while Python starts
  const archives = Promise.all(["python.zip", "office.zip", "kpirules.zip"].map(bytes));
  const python = await loadPyodide({ indexURL: new URL("./pyodide/", self.location.href).href });
  for (const archive of await archives) python.unpackArchive(archive, "zip", { extractDir: "/lib/kpirules" });
  python.runPython("import sys; sys.path.append('/lib/kpirules')");
  bridge = python.pyimport("bridge");
  postMessage({ kind: "ready", rulesets: JSON.parse(bridge.shipped()) });
})();

ready.catch((error) => postMessage({ kind: "failed", message: String(error) }));

self.onmessage = async ({ data }) => {
  try {
    await ready;
    if (data.kind === "open") {
      postMessage({ kind: "opened", key: data.key, ...JSON.parse(bridge.opened(data.key)) });
      return;
    }
    if (data.kind === "call") {
      const content = data.content ? new Uint8Array(data.content) : undefined;
      postMessage({ kind: "called", call: data.call, answer: JSON.parse(bridge.call(data.name, JSON.stringify(data.given), content)) });
      return;
    }
    const answer = JSON.parse(bridge.look(data.ruleset, data.ratings, data.lang, data.form === null ? "" : JSON.stringify(data.form)));
    postMessage({ kind: "answer", id: data.id, answer });
  } catch (error) {
    postMessage({ kind: "failed", id: data.id, call: data.call, message: String(error) });
  }
};
