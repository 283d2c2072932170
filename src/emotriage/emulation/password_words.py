"""Words with which mails announce a password, in the languages that business mail is written in.

All are in the form that NFKC and lower case give them, so that full-width letters and half-width kana read the same.
"""

import re

# ruff: noqa: RUF001
_STRONG = """
解凍パスワード 解凍用パスワード 開封パスワード 開封用パスワード 添付パスワード 復号パスワード
展開パスワード zipパスワード 閲覧パスワード パスワード パスワ-ド パスワート パスコード パスフレーズ 暗証番号 暗証コード
解凍キー 解凍pw 解凍pass 解凍コード 復号キー 復号コード 解除キー 開封キー 開封コード
合言葉 合い言葉 秘密鍵 zipパス 解凍パス 開封パス 添付パス
pw pwd pword pswd password passwd passwrd pasword passcode passphrase pass-phrase pass-code pass-word
access\\scode unlock\\scode opening\\scode zip\\scode zip\\skey pass\\scode pass\\sword
passwort kennwort zugangscode
mot\\sde\\spasse mdp motdepasse
contraseña contrasena clave
senha palavra-passe palavra\\spasse
wachtwoord
hasło haslo
пароль пароля паролем kод
密码 密碼 口令 解压密码 解壓密碼 提取码 解压码 压缩密码
비밀번호 암호 패스워드 비번
parola şifre sifre parolası
mật\\skhẩu mat\\skhau
lösenord losenord adgangskode passord salasana
heslo jelszó jelszo parolă
κωδικός
كلمة\\sالمرور كلمة\\sالسر
סיסמה סיסמא
kata\\ssandi
"""
_WEAK = """
パス 暗証 解凍 開封 復号 展開 鍵 キー コード
pass key code pin passw codice chiave clau chave código codigo schlüssel secret geheim
"""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _pattern(words: str) -> "re.Pattern[str]":
    """A pattern for any of the words, the longest first; Latin, Cyrillic and Greek ones only as whole words."""
    spelled = sorted(set(words.split()), key=lambda word: (-len(word), word))
    parts = [re.escape(word).replace("\\\\s", r"[ \t]{1,3}") if _CJK.search(word) else _whole(word) for word in spelled]
    return re.compile("|".join(parts))


def _whole(word: str) -> str:
    return rf"(?<![a-zà-öø-ÿ]){re.escape(word)}(?![a-zà-öø-ÿ])".replace(r"\\s", r"[ \t]{1,3}")


STRONG = _pattern(_STRONG)
"""Words that are said of passwords alone."""
WEAK = _pattern(_WEAK)
"""Words that are said of other things as well."""

DATE = re.compile(
    r"日付|本日|今日|送信日|受信日|年月日|当日|発行日|\b(?:to)?day'?s?\b|\bdate\b|\bdatum\b|\bfecha\b|\bdata\b|日期|날짜"
    r"|\bdd\s?mm|\byyyy"
)
"""Words that say that the password is a date."""

COPULA = re.compile(
    r"[ \t]{0,8}(?:"
    r"は、?|が|の?方?は、?|[:=|→⇒➡▶>-]{1,4}|"
    r"(?:for|to|of|zu|für|pour|para|per|voor|do|к|для)[ \t](?:[^\s:=\"'「]{1,40}[ \t]{1,3}){1,8}?"
    r"(?:is|are|ist|est|es|é|è|jest|:|=)[ \t]{0,3}:?|"
    r"(?:is|are|ist|lautet|est|es|é|è|jest|är|er|on|je|este|là|为|為|是|은|는|:)[ \t]{0,3}:?"
    r")[ \t]{0,16}"
)
"""What stands between the announcement and the password."""
