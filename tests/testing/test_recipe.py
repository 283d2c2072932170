"""Recipes: what loads, what is refused and how clearly, and what building writes."""

import hashlib

import pytest

from emotriage.testing.recipe import RecipeError, build_recipe, build_samples, builders, load_recipe, recipes

PLAIN = """
summary = "A text"
file = "a.txt"
[build]
kind = "text"
content = "hello"
"""


def written(folder, name, toml):
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml, "utf-8")
    return load_recipe(name, folder)


def built(folder, build):
    return build_recipe(written(folder, "family/name", f'summary = "s"\nfile = "f"\n[build]\n{build}'))


def test_all_keys_are_read(tmp_path):
    recipe = written(
        tmp_path,
        "vba/autorun",
        """
        summary = "One"
        file = "invoice.doc"
        triggers = ["vba.autorun"]
        twin = "vba/autorun-twin"
        showcase = true
        [scan]
        passwords = ["infected"]
        limits = { depth = 2 }
        [build]
        kind = "raw"
        hex = "00 ff"
        """,
    )
    assert (recipe.name, recipe.family, recipe.file) == ("vba/autorun", "vba", "invoice.doc")
    assert (recipe.triggers, recipe.twin) == (("vba.autorun",), "vba/autorun-twin")
    assert (recipe.passwords, recipe.limits, recipe.showcase) == (("infected",), {"depth": 2}, True)
    assert build_recipe(recipe) == b"\x00\xff"


def test_nested_tables_are_built_first(tmp_path):
    data = built(
        tmp_path,
        """
        kind = "joined"
        parts = [
            "plain ",
            { kind = "damaged", data = { kind = "text", content = "abcdef" }, truncate = 3 },
            { kind = "padded", data = "x", size = 4, fill = "byte", byte = 46 },
        ]
        """,
    )
    assert data == b"plain abcx..."


def test_strings_are_text_where_bytes_are_wanted(tmp_path):
    data = built(tmp_path, 'kind = "notebook"\ntext = "Öffnen"\n[build.embed]\n"a.hta" = "<p>ä</p>"\n')
    assert "Öffnen".encode("utf-16-le") in data
    assert "<p>ä</p>".encode() in data


def test_damage(tmp_path):
    data = """data = "0123456789" """
    assert built(tmp_path, f'kind = "damaged"\n{data}\ntruncate = -4') == b"012345"
    assert built(tmp_path, f'kind = "damaged"\n{data}\ncut = [2, 8]') == b"0189"
    assert built(tmp_path, f'kind = "damaged"\n{data}\nflip = [0, -1]') == b"\xcf12345678\xc6"
    assert built(tmp_path, f'kind = "damaged"\n{data}\noverwrite = [[1, "41 42"], [-1, "43"]]') == b"0AB345678C"


def test_text_encodings(tmp_path):
    wide = 'kind = "text"\ncontent = "a\\nb"\nencoding = "utf-16-le"\nbom = true\nnewline = "\\r\\n"'
    assert built(tmp_path, wide) == "\ufeffa\r\nb".encode("utf-16-le")
    assert built(tmp_path, 'kind = "text"\ncontent = "請求書"\nencoding = "cp932"') == "請求書".encode("cp932")


def test_an_executable_is_none(tmp_path):
    data = built(tmp_path, 'kind = "executable"\nsize = 64')
    assert (data[:2], data[-15:], len(data)) == (b"MZ", b"emotriage-inert", 64)
    assert not any(data[2:-15])


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("not toml", "not TOML"),
        ('file = "a"\n[build]\nkind = "text"', "'summary' is missing"),
        ('summary = "s"\nfile = "a"', "'build' is missing"),
        (PLAIN.replace("summary", "sumary"), "unknown key 'sumary'; known are build, file"),
        (PLAIN.replace('"a.txt"', "7"), "'file' must be a str, not 7"),
        (PLAIN.replace("a.txt", "../a.txt"), "no plain file name"),
        (PLAIN + "[scan]\nclock = 1", "unknown key 'scan.clock'"),
        ('triggers = ["a.b"]\n' + PLAIN, "needs a twin"),
    ],
)
def test_mistakes_are_named(tmp_path, toml, said):
    with pytest.raises(RecipeError, match=said) as caught:
        written(tmp_path, "family/name", toml)
    assert str(caught.value).startswith("family/name: ")


@pytest.mark.parametrize(
    ("build", "said"),
    [
        ('kind = "txt"', "no builder 'txt'; there are "),
        ('kind = "text"\ncontents = "x"', "text: .*'contents'|text: missing"),
        ('kind = "padded"\ndata = "x"\nsize = 0', "padded: padded to 0 bytes"),
        ('kind = "raw"\nhex = "0"', "raw: "),
    ],
)
def test_builder_mistakes_are_named(tmp_path, build, said):
    with pytest.raises(RecipeError, match=said):
        built(tmp_path, build)


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(RecipeError, match="family/none: there is no such recipe"):
        load_recipe("family/none", tmp_path)


def test_samples_are_written_by_family(tmp_path):
    written(tmp_path / "in", "text/one", PLAIN)
    written(tmp_path / "in", "text/two", PLAIN.replace("hello", "again"))
    out = [
        (path.relative_to(tmp_path).as_posix(), recipe.name, path.read_bytes()) for path, recipe in samples(tmp_path)
    ]
    assert out == [
        ("out/text/one/a.txt", "text/one", b"hello"),
        ("out/text/two/a.txt", "text/two", b"again"),
    ]


def samples(tmp_path, **how):
    return build_samples(tmp_path / "out", folder=tmp_path / "in", **how)


def test_giants_are_streamed_and_only_when_asked(tmp_path):
    giant = """
    summary = "s"
    file = "a"
    giant = true
    [build]
    kind = "{kind}"
    data = "x"
    size = 70000000
    """
    bare = written(tmp_path / "in", "padding/bare", giant.format(kind="padded"))
    written(tmp_path / "in", "padding/packed", giant.format(kind="padded_archive") + 'name = "b"')
    assert list(samples(tmp_path)) == []
    sizes = [path.stat().st_size for path, _ in samples(tmp_path, giants=True)]
    assert sizes[0] == 70_000_000
    assert sizes[1] < 80_000
    with pytest.raises(RecipeError, match="giant"):
        build_recipe(bare)


def test_every_builder_is_named_as_it_is_called():
    assert {"archive", "compound_file", "damaged", "notebook", "padded", "raw", "shortcut", "text"} <= set(builders())
    assert "build_recipe" not in builders()


def test_the_package_s_own_recipes_load():
    names = [recipe.name for recipe in recipes()]
    assert names == sorted(names)
    assert names


def test_builders_give_the_same_bytes_everywhere(tmp_path):
    """A change here is a change of every sample: wanted, or a platform that differs."""

    def pin(build):
        return hashlib.sha256(built(tmp_path, build)).hexdigest()[:16]

    shortcut = 'kind = "shortcut"\narguments = "x"\nicon = "i"\nenvironment = "%a%"\nmachine = "m"\noverlay = "o"'
    assert pin(shortcut) == "6b1e657f1e011226"
    notebook = 'kind = "notebook"\ntext = "t"\nembed = { "a.txt" = "a" }\npictures = { "b.png" = "b" }'
    assert pin(notebook) == "c40a89688e03816d"
    padded = 'kind = "padded"\ndata = ""\nsize = 2000000\nfill = '
    assert pin(padded + '"random"') == "29a1fb91c1457f5a"
    assert pin(padded + '"low-entropy"') == "d82adde2e92a565a"
    assert pin(padded + '"periodic"') == "43eda0649cbd7b1f"
