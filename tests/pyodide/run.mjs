// Runs pytest on the Python that browsers run: Pyodide, here under Node.
//   node run.mjs FOLDER-OF-NODE-MODULES FOLDER-OF-WHEELS CHECKOUT '["pytest", "arguments"]'
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, wheels, checkout, words] = process.argv.slice(2);
const home = path.join(modules, "pyodide");
const { loadPyodide } = await import(pathToFileURL(path.join(home, "pyodide.mjs")).href);

const python = await loadPyodide({
  indexURL: `${home}/`,
  // nothing is written into the checkout
  env: { HOME: "/home", PYTHONDONTWRITEBYTECODE: "1", HYPOTHESIS_STORAGE_DIRECTORY: "/home/kept", HYPOTHESIS_PROFILE: "quick" },
});
for (const name of fs.readdirSync(wheels)) {
  python.unpackArchive(new Uint8Array(fs.readFileSync(path.join(wheels, name))), "wheel", { extractDir: "/wheels" });
}
python.mountNodeFS("/checkout", checkout);
python.globals.set("words", python.toPy(JSON.parse(words)));
const code = await python.runPythonAsync(`
import os, sys
os.chdir("/checkout")
sys.path[:0] = ["/checkout/src", "/wheels"]
import pytest
print("Python", sys.version.split()[0], sys.platform)
int(pytest.main(list(words)))
`);
process.exit(code);
