"""Texts that would act if they were taken for more than texts; and a rubric made of one."""

from __future__ import annotations

from kpirules import loads


#: each would act, in some browser, if it were taken for more than a text
IN_PAGES = [
    "<script>document.title='hit'</script>", "<img src=x onerror=\"document.title='hit'\">",
    "</style><script>document.title='hit'</script>", "</title><svg onload=document.title='hit'>",
    '"><a href="javascript:document.title=1">x</a>', "{{ 7 * 7 }}", "{% raw %}", "{{ w.__class__ }}",
    "javascript:alert(1)", "' onmouseover='document.title=1", "<!--", "]]>", "&lt;b&gt;", "<b>b</b>",
    "\x1b[31mred", "\u202ereversed", "a\x00b", "<iframe src=//h.example>", "url(//h.example/x)",
    "<base href=//h.example/>", "<meta http-equiv=refresh content='0;url=//h.example/'>",
]  # fmt: skip
#: each would act, in some program, if it were taken for more than a text
IN_CELLS = [
    "=1+1", '=HYPERLINK("http://h.example/","x")', "+1+1", "-1+1", "@SUM(1)", "\t=1+1",
    "<b>bold</b>", "<script>document.title='hit'</script>", "http://h.example/", "{=1+1}",
    "'=1+1", "\x1b[31mred", "\u202ereversed", "a\x00b", "&amp;", "\r\n=1+1", "=cmd|' /C calc'!A0",
    "mailto:a@h.example", "internal:work!A1", "%0A", "x" * 300, "[a]*?:/\\", "History", "work",
]  # fmt: skip

RULES = """
schema = 1
id = "hostile"
label = { en = LABEL }
role = { en = LABEL }
full_marks = 10
currency = "EUR"
effective_from = 2026-01-01
note = LABEL
source = { label = LABEL, url = "https://h.example/" }
[inputs.kind]
type = "choice"
unit = LABEL
label = { en = LABEL }
options = { a = { en = LABEL }, b = { en = "b" } }
[[criterion]]
id = "one"
label = { en = LABEL }
cite = { en = LABEL }
weight = 10
of = "kind"
bands = [
  { when = "a", points = 10, label = { en = LABEL } },
  { when = "b", points = 0, label = { en = "zero" } },
]
[[tier]]
id = "good"
label = { en = LABEL }
total = "5..10"
pay = 5
[[tier]]
id = "bad"
label = { en = "low" }
total = "0..<5"
pay = -5
[[ruling]]
clause = LABEL
conflict = LABEL
decision = LABEL
[[example]]
name = "a"
ratings = { kind = "a" }
expect = { total = 10, tier = "good" }
[[example]]
name = "b"
ratings = { kind = "b" }
expect = { total = 0, tier = "bad" }
"""


def hostile(text):
    """Give a rubric all of whose texts are one."""
    spelled = "".join(f"\\u{ord(c):04x}" if not c.isalnum() else c for c in text)
    return loads(RULES.replace("LABEL", f'"{spelled}"'))
