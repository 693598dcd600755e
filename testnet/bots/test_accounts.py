"""People look after their accounts at a real relay, over HTTP."""

import email.policy
import queue
import subprocess
import tempfile
import unittest

from aiosmtpd.controller import Controller
from authenticator import Authenticator
from nexus_node import Relay, RestError, free_port, program

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
        expected = {
            "username": "bea",
            "email": None,
            "mfa_enabled": True,
            "recovery_codes": 9,
            "password": True,
            "sign_ins": [],
        }
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


class Inbox:
    """Takes mail by SMTP, and gives it to who waits for it: the first of each address is put off, and who has moved is not there."""

    def __init__(self):
        self.mails = queue.Queue()
        self.asked = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked.append(address)
        if address.startswith("moved"):
            return "550 nobody here"
        if self.asked.count(address) == 1:
            return "451 later"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        self.mails.put(envelope)
        return "250 taken"


class ByMail(unittest.TestCase):
    def test_another_password_is_chosen_by_a_mail_that_a_server_takes_and_the_second_factor_stays(self):
        inbox = Inbox()
        server = Controller(inbox, hostname="127.0.0.1", port=free_port())
        server.start()
        self.addCleanup(server.stop)
        relay = Relay(("--mail", f"smtp://127.0.0.1:{server.port}", "--mail-from", "Ours <relay@relay.example>"))
        self.addCleanup(relay.stop)
        self.assertTrue(relay.rest("GET", "/nexus/relay")["mail"])
        form = {"username": "bea", "password": PASSWORD, "email": "bea@mail.example"}
        token = relay.rest("POST", "/auth/register", form)["token"]
        authenticator = Authenticator(b"twenty bytes of hers")
        factor = {"password": PASSWORD, "secret": authenticator.base32(), "code": authenticator.code()}
        relay.rest("POST", "/users/@me/mfa/totp/enable", factor, token)
        form = {"username": "dora", "password": PASSWORD, "email": "moved@mail.example"}
        relay.rest("POST", "/auth/register", form)
        for login in ["nobody", "ada", "dora", "bea@mail.example"]:
            self.assertIsNone(relay.rest("POST", "/auth/forgot", {"login": login}))
        envelope = inbox.mails.get(timeout=60)
        self.assertEqual((envelope.mail_from, envelope.rcpt_tos), ("relay@relay.example", ["bea@mail.example"]))
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        link = next(line for line in mail.get_content().splitlines() if line.startswith(relay.url))
        chosen = {"token": link.split("#reset=")[1], "password": "another password of hers"}
        relay.rest("POST", "/auth/reset", chosen)
        with self.assertRaises(RestError) as ended:
            relay.rest("GET", "/users/@me", token=token)
        self.assertEqual(ended.exception.status, 401)
        with self.assertRaises(RestError):
            relay.rest("POST", "/auth/reset", chosen)
        entered = relay.rest("POST", "/auth/login", {"login": "bea", "password": chosen["password"]})
        self.assertTrue(entered["mfa"])
        self.assertTrue(inbox.mails.empty(), "nobody else was written to")
        self.assertEqual(inbox.asked.count("bea@mail.example"), 2, "what was put off was tried again")
        self.assertEqual(inbox.asked.count("moved@mail.example"), 1, "what was refused was not")


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
