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
  const archives = Promise.all(["python.zip", "kpirules.zip"].map(bytes));
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
    const answer = JSON.parse(bridge.look(data.ruleset, data.ratings, data.lang));
    postMessage({ kind: "answer", id: data.id, answer });
  } catch (error) {
    postMessage({ kind: "failed", id: data.id, message: String(error) });
  }
};
