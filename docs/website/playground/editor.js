// The editor of the ruleset, with what is wrong underlined.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--text)" },
  { tag: [tags.propertyName, tags.variableName, tags.keyword], color: "var(--key)" },
  { tag: [tags.number, tags.atom, tags.bool], color: "var(--number)" },
  { tag: tags.bracket, color: "var(--ink)" },
]);

// a wavy line, drawn without pictures: the content policy has none
const underline = (colour) => ({ backgroundImage: "none", textDecoration: `underline wavy ${colour}`, textDecorationSkipInk: "none" });
const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--paper)", color: "var(--ink)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "2px solid var(--mark)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--chosen)" },
  ".cm-lintRange-error": underline("var(--bad)"),
  ".cm-lintRange-warning": underline("var(--warn)"),
  ".cm-lintRange-info": underline("var(--mark)"),
  ".cm-lintPoint::after": { borderBottomColor: "var(--bad)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--line)", maxWidth: "min(36rem, 90vw)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
});

const GRADES = { error: "error", warning: "warning", note: "info", accepted: "info" };

// Columns count characters; the editor counts what JavaScript calls characters.
const offset = (doc, line, column) => {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const before = Array.from(at.text).slice(0, column - 1).join("");
  return Math.min(at.from + before.length, at.to);
};

// What is read out, and what parts of the editor are called.
const spoken = (words) => [
  EditorView.contentAttributes.of({ "aria-label": words.editor, spellcheck: "false", tabindex: "0" }),
  EditorState.phrases.of(words.phrases),
];

export function makeEditor(parent, words, changed) {
  // inside a shadow root the editor's styles are made by script objects, which the content policy
  // allows; in the page itself they would need a style element
  const root = parent.attachShadow({ mode: "open" });
  const language = new Compartment();
  let said = spoken(words);
  let isReplacing = false;
  const stateOf = (doc) => EditorState.create({
    doc,
    extensions: [
      lineNumbers(),
      history(),
      drawSelection(),
      highlightSpecialChars(),
      highlightActiveLine(),
      StreamLanguage.define(toml),
      syntaxHighlighting(colours),
      look,
      // Tab is not taken: it leads on, as everywhere on a page
      keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
      EditorView.lineWrapping,
      language.of(said),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !isReplacing) changed();
      }),
    ],
  });
  const view = new EditorView({ root, parent: root, state: stateOf("") });
  return {
    get text() {
      return view.state.doc.toString();
    },
    // A fresh state: what was opened is where undoing ends, not a change that is undone.
    open(text) {
      view.setState(stateOf(text));
      view.scrollDOM.scrollTop = 0;
    },
    // Put a text that was not typed: nobody is told.
    replace(text) {
      const { doc } = view.state;
      const old = doc.toString();
      if (text === old) return;
      let from = 0;
      while (from < Math.min(text.length, old.length) && text[from] === old[from]) from += 1;
      let end = 0;
      while (end < Math.min(text.length, old.length) - from && text.at(-1 - end) === old.at(-1 - end)) end += 1;
      isReplacing = true;
      view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) } });
      isReplacing = false;
    },
    speak(other) {
      said = spoken(other);
      view.dispatch({ effects: language.reconfigure(said) });
    },
    mark(findings) {
      const { doc } = view.state;
      const marks = findings.map((f) => {
        const from = offset(doc, f.line, f.column);
        const to = Math.max(from, offset(doc, f.line, f.end));
        const message = [`${f.word}[${f.code}]: ${f.message}`, ...f.details].join("\n");
        return { from, to, severity: GRADES[f.severity], message };
      });
      view.dispatch(setDiagnostics(view.state, marks));
    },
    go(line, column) {
      const at = offset(view.state.doc, line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
  };
}
