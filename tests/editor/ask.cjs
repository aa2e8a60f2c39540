// Asks the language server of taplo (the one in Even Better TOML) about a file: what it shows when the
// pointer rests on a word, and what it offers at a place.
//   node ask.cjs FOLDER-OF-NODE-MODULES SCHEMA FILE '[["hover", LINE, COLUMN], ["completion", ...]]'
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");
const fs = require("node:fs");
const path = require("node:path");

const [home, schema, file, questions] = process.argv.slice(2);
const { TaploLsp } = createRequire(path.join(home, "x.js"))("@taplo/lsp");

const config = { schema: { enabled: true, associations: { ".*": pathToFileURL(schema).href } } };
const answers = new Map();
const bytes = async (data) => data.length;
const environment = {
  now: () => new Date(0),
  envVar: () => undefined,
  envVars: () => [],
  stdErrAtty: () => false,
  stdin: async () => new Uint8Array(0),
  stdout: bytes,
  stderr: bytes,
  glob: () => [],
  readFile: async (name) => fs.readFileSync(name),
  writeFile: async () => {},
  urlToFilePath: (url) => decodeURIComponent(new URL(url).pathname),
  isAbsolute: path.isAbsolute,
  cwd: () => path.dirname(file),
  findConfigFile: () => undefined,
  fetch: { fetch, Headers, Request, Response },
};

let server;
function onMessage(message) {
  if (message.method === "workspace/configuration") {
    server.send({ jsonrpc: "2.0", id: message.id, result: message.params.items.map(() => config) });
  } else if (message.id !== undefined && message.method === undefined) {
    answers.set(message.id, message);
  } else if (message.id !== undefined) {
    server.send({ jsonrpc: "2.0", id: message.id, result: null });
  }
}
function ask(id, method, params) {
  server.send({ jsonrpc: "2.0", id, method, params });
}
async function answer(id) {
  for (let i = 0; i < 400; i += 1) {
    if (answers.has(id)) return answers.get(id).result;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`no answer to ${id}`);
}

(async () => {
  server = await TaploLsp.initialize(environment, { onMessage });
  const root = pathToFileURL(path.dirname(file)).href;
  ask(1, "initialize", { capabilities: {}, rootUri: root, initializationOptions: { configurationSection: "evenBetterToml" } });
  await answer(1);
  server.send({ jsonrpc: "2.0", method: "initialized", params: {} });
  const uri = pathToFileURL(file).href;
  const text = fs.readFileSync(file, "utf-8");
  await new Promise((done) => setTimeout(done, 300));
  server.send({ jsonrpc: "2.0", method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "toml", version: 1, text } } });
  ask(2, "taplo/associatedSchema", { documentUri: uri });
  await answer(2);
  const told = [];
  let id = 10;
  for (const [kind, line, character] of JSON.parse(questions)) {
    id += 1;
    ask(id, `textDocument/${kind}`, { textDocument: { uri }, position: { line, character } });
    told.push(await answer(id));
  }
  process.stdout.write(JSON.stringify(told));
  process.exit(0);
})().catch((error) => { process.stderr.write(`${error.stack}\n`); process.exit(1); });
