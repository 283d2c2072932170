"""Passwords out of texts: every language and form, the best first, and never in a representation."""

# ruff: noqa: RUF001  full-width letters are the matter here

from datetime import date

import pytest

from emotriage.emulation.password_text import KEPT, SURE, harvest
from emotriage.model.limits import Budget, Limits


def found(*texts: str, **more) -> list[str]:
    return [one.value for one in harvest(texts, Budget(Limits()), **more)]


@pytest.mark.parametrize(
    "text",
    [
        "パスワード：Emo123",
        "パスワード　Emo123",
        "解凍パスワードは「Emo123」です。",
        "開封パスワード→Emo123",
        "添付ファイルのＰＷはＥｍｏ１２３となります。",
        "ﾊﾟｽﾜｰﾄﾞ:Emo123",
        "【ＰＷ】Emo123",
        "[pass] Emo123",
        "（パスワード）\nEmo123",
        "暗証番号＝Emo123",
        "◆パスワード◆\n\n　　Emo123\n\n以上",
        "「Emo123」が解凍パスワードです",
        "zipパス：『Emo123』",
        "Password: Emo123",
        "password is Emo123.",
        "The password for the attached file is: Emo123",
        "PWD=Emo123",
        "pw (Emo123)",
        "Pass - Emo123",
        "Passcode <Emo123>",
        "Use Emo123 as password",
        "Archive password\n=====\nEmo123\n=====",
        "file\tpassword\na.zip\tEmo123",
        "| file | password |\n|---|---|\n| a.zip | Emo123 |",
        "Passwort: Emo123",
        "Das Kennwort lautet „Emo123“",
        "Mot de passe : Emo123",
        "Contraseña: Emo123",
        "Senha: Emo123",
        "La password è Emo123",
        "Wachtwoord: Emo123",
        "Hasło: Emo123",
        "Пароль: Emo123",
        "密码：Emo123",
        "解壓密碼：Emo123",
        "비밀번호: Emo123",
        "Şifre: Emo123",
        "Mật khẩu: Emo123",
        "Lösenord: Emo123",
        "Heslo: Emo123",
        "Κωδικός: Emo123",
        "كلمة المرور: Emo123",
        "סיסמה: Emo123",
        "Kata sandi: Emo123",
        "p\u200bass\u2060word: E\u200bmo\ufeff123",
    ],
)
def test_forms(text):
    assert "Emo123" in found(text)[:4]


def test_the_one_that_is_announced_comes_first():
    candidates = harvest(
        ["Dear Jo,\nas told, code 77 applies.\nPassword: Emo-1\nKey dates: 3 March\n"], Budget(Limits())
    )
    assert candidates[0].value == "Emo-1"
    assert candidates[0].score >= SURE
    assert all(one.score <= candidates[0].score for one in candidates)


def test_folded_and_literal_forms_are_candidates():
    assert {"emo12", "ｅｍｏ１２"} <= set(found("パスワード：ｅｍｏ１２"))


def test_dates_come_first_where_the_text_says_so():
    day = [date(2026, 11, 22)]
    assert "20261122" in found("パスワードは本日の日付（年月日８桁）です。", sent=day)[:3]
    forms = {"20261122", "1122", "261122", "22112026", "11222026", "2026-11-22", "2026/11/22"}
    assert forms <= set(found("hello", sent=day))
    assert found("Password: Emo1", sent=day)[0] == "Emo1"


def test_names_of_attachments_are_candidates():
    assert "invoice_77" in found("hello", names=["invoice_77.zip"])


def test_texts_without_a_password_are_not_sure_of_any():
    for text in (
        "いつもお世話になっております。\n納期表をお送りします。",
        "パスワードは別途お送りいたします。",
        "The password will be sent separately.",
        "Please find the dates below.",
        "",
    ):
        assert not [one for one in harvest([text], Budget(Limits())) if one.score >= SURE], text


def test_a_flood_is_cut_to_the_best():
    flood = "".join(f"code: tok{number:05}\n" for number in range(10_000)) + "password: Emo-last\n"
    candidates = found(flood, sent=[date(2026, 11, 22)])
    assert len(candidates) == KEPT
    assert candidates[0] == "Emo-last"
    assert "20261122" in candidates


def test_values_are_not_shown():
    for one in harvest(["Password: Emo-secret"], Budget(Limits())):
        assert "Emo-secret" not in repr(one)


@pytest.mark.parametrize(
    "piece", ["password ", "パスワード「", "a\t", "(((", "：", "\n", "x is for y ", "password for a b c d "]
)
def test_work_grows_as_the_text_does(piece):
    def work(size: int) -> int:
        budget = Budget(Limits())
        harvest(["password: " + piece * (size // len(piece))], budget)
        return budget.work

    assert work(100_000) <= 2.5 * work(50_000) + 100_000
