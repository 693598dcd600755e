"""People look after their accounts at a real relay, over HTTP."""

import subprocess
import tempfile
import unittest

from authenticator import Authenticator
from nexus_node import Relay, RestError, program

PASSWORD = "a password of hers"


class Accounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.relay = Relay()

    @classmethod
    def tearDownClass(cls):
        cls.relay.stop()

    def register(self, name: str) -> str:
        form = {"username": name, "password": PASSWORD}
        return self.relay.rest("POST", "/auth/register", form)["token"]

    def refused(self, method: str, path: str, body: dict, token: str = "") -> int:
        """The number of the refusal."""
        with self.assertRaises(RestError) as refusal:
            self.relay.rest(method, path, body, token or "none")
        self.assertEqual(refusal.exception.status, 400)
        return refusal.exception.answer["code"]

    def with_second_factor(self, name: str) -> tuple[str, Authenticator, list[str]]:
        token, authenticator = self.register(name), Authenticator(b"twenty bytes of hers")
        form = {"password": PASSWORD, "secret": authenticator.base32(), "code": authenticator.code()}
        answer = self.relay.rest("POST", "/users/@me/mfa/totp/enable", form, token)
        return token, authenticator, [each["code"] for each in answer["backup_codes"]]

    def login(self, name: str) -> dict:
        return self.relay.rest("POST", "/auth/login", {"login": name, "password": PASSWORD})

    def test_an_authenticator_is_asked_at_login_and_a_recovery_code_stands_in_for_it(self):
        token, authenticator, codes = self.with_second_factor("bea")
        self.assertTrue(self.relay.rest("GET", "/users/@me", token=token)["mfa_enabled"])
        entered = self.login("bea")
        self.assertEqual((entered["token"], entered["mfa"], entered["totp"]), (None, True, True))
        shown = {"ticket": entered["ticket"], "code": authenticator.code()}
        session = self.relay.rest("POST", "/auth/mfa/totp", shown)
        self.assertEqual(self.relay.rest("GET", "/users/@me", token=session["token"])["username"], "bea")
        self.assertEqual(self.refused("POST", "/auth/mfa/totp", shown), 60008, "a code is good once")
        shown["code"] = codes[0]
        self.assertIn("token", self.relay.rest("POST", "/auth/mfa/totp", shown))
        self.assertEqual(self.refused("POST", "/auth/mfa/totp", shown), 60008, "and so is a recovery code")
        account = self.relay.rest("GET", "/auth/account", token=token)
        expected = {"username": "bea", "email": None, "mfa_enabled": True, "recovery_codes": 9}
        self.assertEqual(account, expected)
        self.relay.rest("POST", "/users/@me/mfa/totp/disable", {"code": codes[1]}, token)
        self.assertIsInstance(self.login("bea")["token"], str)
        self.assertEqual(self.refused("POST", "/users/@me/mfa/totp/disable", {"code": codes[2]}, token), 60002)

    def test_an_account_with_a_second_factor_goes_home_with_a_code(self):
        _, authenticator, _ = self.with_second_factor("cleo")
        with tempfile.TemporaryDirectory(prefix="nexus-bots-") as folder:
            command = [program("nexus", "NEXUS_BIN"), "--data", folder, "claim", self.relay.url]

            def claim(*flags: str) -> subprocess.CompletedProcess:
                typed = f"cleo\n{PASSWORD}\n"
                return subprocess.run([*command, *flags], input=typed, capture_output=True, text=True, timeout=120)

            without = claim()
            self.assertNotEqual(without.returncode, 0)
            self.assertIn("--code", without.stderr)
            wrong = claim("--code", "not one")
            self.assertIn("the code is not right", wrong.stderr)
            home = claim("--code", authenticator.code())
            self.assertEqual(home.returncode, 0, home.stderr)


class BehindAProxy(unittest.TestCase):
    def test_one_address_makes_so_many_accounts_and_another_goes_on(self):
        relay = Relay(("--trusted-proxy", "127.0.0.1"))
        self.addCleanup(relay.stop)

        def register(number: int, address: str):
            form = {"username": f"name{number}", "password": PASSWORD}
            relay.rest("POST", "/auth/register", form, headers={"X-Forwarded-For": address})

        made = 0
        with self.assertRaises(RestError) as refusal:
            while made < 50:
                register(made, "203.0.113.5")
                made += 1
        self.assertEqual(refusal.exception.status, 429)
        self.assertGreaterEqual(made, 10)
        register(made, "203.0.113.6")


if __name__ == "__main__":
    unittest.main()
