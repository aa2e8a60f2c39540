"""The encoding of a CSV file: stated, marked, UTF-8, or clear from how it reads."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpirules import load_file
from kpirules.cli.io import encoding
from kpirules.cli.io.encoding import encoding_of
from kpirules.cli.io.tables import TableError
from kpirules.compiler.plan import Plan
from tests.cli.io.test_readers import TABLES, A, rows_of


PLAN = Plan(load_file(A))
#: names of people, by the encoding in which a spreadsheet program of their country saves CSV
NAMES = {
    "cp1252": {
        "German": "Jörg Müller;Günther Schäfer;Ursula Groß;Käthe Jäger;Anja Köhler",
        "French": "Hélène François;André Lefèvre;Zoé Béranger;Benoît Lemaître;Gaëlle Noël",
        "Spanish": "José Núñez;María Peña;Íñigo López;Sofía Martínez;Begoña Ibáñez",
        "Portuguese": "João Conceição;Inês Simões;António Gonçalves;José Magalhães;Ana Leitão",
        "Swedish": "Åsa Öberg;Göran Sjögren;Märta Ståhl;Björn Åkesson;Håkan Lindström",
    },
    "cp1250": {
        "Polish": "Łukasz Wiśniewski;Paweł Wójcik;Małgorzata Zając;Żaneta Kaczyńska;Rafał Gołąb",
        "Czech": "Jiří Dvořák;Zdeněk Černý;Lenka Nováková;Ondřej Růžička;Věra Šťastná",
        "Hungarian": "Szőke Árpád;Kovács Gergő;Gyűrű Béla;Nagy László;Vörös Ödön",
    },
    "cp1251": {
        "Russian": "Иванов Иван;Петрова Анна;Сидоров Алексей;Кузнецова Ольга;Щербаков Юрий",
        "Ukrainian": "Шевченко Тарас;Коваль Олена;Їжакевич Іван;Бондаренко Євген;Ткаченко Юлія",
    },
    "cp1253": {"Greek": "Παπαδόπουλος Γιώργος;Νικολάου Μαρία;Δημητρίου Ελένη;Ιωάννου Άννα"},
    "cp1254": {"Turkish": "Şahin Öztürk;Ayşe Yıldız;İbrahim Güneş;Erdoğan Çelik;Işık Kılıç"},
    "cp932": {"Japanese": "田中 太郎;山本 花子;佐藤健一;鈴木 さくら;渡辺 マリ"},
    "cp949": {"Korean": "김철수;박영희;이민준;최서연;정지훈"},
    "cp950": {"Taiwan": "陳怡君;林志明;黃淑芬;張雅婷;李家豪"},
    "gb18030": {"Chinese": "王伟;李娜;张静;刘洋;陈晨;杨思远;赵婷婷;徐璐;郭喆;欧阳娜娜"},
}
GROUPS = [(code, name) for code, some in NAMES.items() for name in some]


def table(path, code, names, head="name,late,target"):
    """Write a table in an encoding."""
    text = "\n".join([head, *(f"{name},0,105" for name in names), ""])
    path.write_bytes(text.encode(code))
    return text


@pytest.mark.parametrize(("code", "language"), GROUPS)
def test_a_month_reads_as_it_was_written(tmp_path, code, language):
    """In each of the usual encodings; which it is, is noted."""
    file = tmp_path / "in.csv"
    text = table(file, code, NAMES[code][language].split(";"))
    found, (note,) = encoding_of(file, PLAN, None)
    assert text == file.read_bytes().decode(found)
    assert str(note).startswith("is not UTF-8; read as ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(GROUPS), st.data())
def test_a_short_file_reads_as_it_was_written_or_not_at_all(tmp_path, group, data):
    """It is rejected where two encodings read well; never read as another."""
    code, language = group
    names = NAMES[code][language].split(";")
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    file = tmp_path / "in.csv"
    text = table(file, code, some)
    try:
        found, _ = encoding_of(file, PLAN, None)
    except TableError as error:
        assert "its encoding is not clear" in error.message.text()
        assert "--encoding" in error.help.text()
    else:
        assert text == file.read_bytes().decode(found)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_chinese_headings_and_names_are_read_however_few(tmp_path, count):
    """GB18030, which GBK is part of, is the most common of them."""
    names = NAMES["gb18030"]["Chinese"].split(";")
    file = tmp_path / "in.csv"
    for i in range(len(names) - count):
        text = table(file, "gbk", names[i : i + count], "姓名,late,target")
        found, note = encoding_of(file, PLAN, None)
        assert ("gb18030", text) == (found, file.read_bytes().decode(found))
        assert ["is not UTF-8; read as GB18030; use --encoding if names look wrong"] == list(
            map(str, note)
        )


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("cp1252.csv", ["Jörg Müller", "Günther Schäfer", "Hélène François", "Núñez"]),
        ("cp932.csv", ["田中 太郎", "山本"]),
    ],
)
@pytest.mark.parametrize("command", ["evaluate", "sheet", "report"])
def test_names_come_out_as_they_are(run, tmp_path, command, file, names):
    """And the encoding is noted on standard error, by every command."""
    out = tmp_path / "out.html"
    extra = [] if command == "evaluate" else ["-o", out]
    code, said, err = run(command, A, TABLES / file, *extra)
    assert 0 == code
    if command == "evaluate":
        assert names == [row["name"] for row in rows_of(said)]
    elif command == "sheet":
        assert all(name in out.read_text(encoding="utf-8") for name in names)
    assert f"{file}: is not UTF-8; read as {file.partition('.')[0]}; use --encoding if" in err


def test_labels_of_the_ruleset_decide(tmp_path):
    """A heading or an option that becomes readable is good evidence."""
    rules = tmp_path / "r.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "r"\n[inputs.kind]\ntype = "choice"\n'
        'options = ["schön", "groß"]\nlabel = { de = "Prüfung" }\n'
        '[[criterion]]\nid = "a"\nweight = 100\nof = "kind"\n'
        'bands = [{ when = "schön", points = 100 }, { when = "groß", points = 0 }]\n',
        encoding="utf-8",
    )
    plan = Plan(load_file(rules))
    file = tmp_path / "in.csv"
    file.write_bytes("Prüfung\nschön\n".encode("cp1252"))
    found, _ = encoding_of(file, plan, None)
    assert "Prüfung\nschön\n" == file.read_bytes().decode(found)


@pytest.mark.parametrize(
    ("code", "text"),
    [("cp1251", "李"), ("gb18030", "Αθ"), ("euc_jp", "田中 太郎"), ("mac_roman", "Jörg")],
)
def test_what_is_not_clear_is_rejected_with_both_readings(run, tmp_path, code, text):
    """And can be stated."""
    file = tmp_path / "in.csv"
    try:
        table(file, code, [text])
    except UnicodeEncodeError:
        file.write_bytes(b"name,late,target\n\xc0\xee,0,105\n")
    code, out, err = run("evaluate", A, file)
    assert (2, "") == (code, out)
    assert "is not UTF-8, and its encoding is not clear: " in err
    assert " as " in err
    assert "help: --encoding " in err


def test_what_no_encoding_reads_is_rejected(run, tmp_path):
    """With the byte and its line."""
    file = tmp_path / "in.csv"
    file.write_bytes(b"name,late,target\n" + bytes([0x81, 0x8D, 0xFF, 0x98, 0xFE, 0x90]) * 9)
    code, _, err = run("evaluate", A, file)
    assert 2 == code
    assert "in.csv:2: is not UTF-8 (byte 0x81), and no other encoding reads it well" in err


def test_a_stated_encoding_is_taken(run, tmp_path):
    """Where it is one, and the file is in it."""
    file = tmp_path / "in.csv"
    table(file, "cp1252", ["Jörg"])
    code, out, err = run("evaluate", A, file, "--encoding", "latin-1")
    assert (0, "Jörg", False) == (code, rows_of(out)[0]["name"], "note" in err)
    for name, message in (
        ("utf8", "in.csv:2: is not UTF-8: byte 0xf6"),
        ("ascii", "in.csv:2: is not ASCII: byte 0xf6"),
        ("utf-7", "in.csv:2: is not UTF-7: byte"),
        ("latinx", "'latinx' is not the name of an encoding\n  help: such as utf-8, gb18030"),
        ("rot13", "'rot13' is not the name of an encoding"),
        ("base64", "'base64' is not the name of an encoding"),
        ("undefined", "'undefined' is not the name of an encoding"),
        ("a\0", "is not the name of an encoding"),
    ):
        code, _, err = run("evaluate", A, file, "--encoding", name)
        assert (2, True) == (code, message in err), (name, err)
    table(file, "utf-16-le", ["Jörg"])
    assert "this may be a workbook, or UTF-16" in run("evaluate", A, file)[2]
    code, out, _ = run("evaluate", A, file, "--encoding", "utf-16-le")
    assert (0, "Jörg") == (code, rows_of(out)[0]["name"])


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_utf_8_are_taken(run, tmp_path, code):
    """Without a note."""
    file = tmp_path / "in.csv"
    table(file, code, ["Jörg", "王伟"])
    code, out, err = run("evaluate", A, file)
    assert (0, ["Jörg", "王伟"], 0) == (
        code,
        [row["name"] for row in rows_of(out)],
        err.count("note"),
    )


def test_the_whole_file_is_looked_at(tmp_path, monkeypatch):
    """What is far below decides as well, and what no encoding allows is found there."""
    monkeypatch.setattr(encoding, "_PIECE", 64)
    file = tmp_path / "in.csv"
    names = ["An"] * 100 + NAMES["cp1250"]["Polish"].split(";")
    text = table(file, "cp1250", names)
    assert text == file.read_bytes().decode(encoding_of(file, PLAN, None)[0])
    file.write_bytes(file.read_bytes() + b"\x81,0,105\n")
    with pytest.raises(TableError):
        encoding_of(file, PLAN, None)
    table(file, "cp1250", names)
    monkeypatch.setattr(encoding, "_MAX_CELLS", 3)
    assert text == file.read_bytes().decode(encoding_of(file, PLAN, None)[0])
    file.write_bytes(file.read_bytes() + b"\x81,0,105\n")
    with pytest.raises(TableError, match="not UTF-8"):
        encoding_of(file, PLAN, None)


def test_every_kind_of_character_has_its_cost():
    """The rarer, the more: common, first level, second level, beyond; punctuation; private use."""
    assert sorted(costs := [encoding._simplified(c) for c in "王丈丌丒"]) == costs
    assert sorted(costs := [encoding._traditional(c) for c in "王丈乂"]) == costs
    assert sorted(costs := [encoding._japanese(c) for c in "のｱ田乂丒"]) == sorted(costs)
    assert sorted(costs := [encoding._korean(c) for c in "김갂"]) == costs
    for cost in (encoding._simplified, encoding._traditional, encoding._japanese, encoding._korean):
        assert 40 == cost("\ue000")
        assert cost("，") < cost("©")
        assert cost("ж") > 15
